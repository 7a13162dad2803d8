# bash completion for storyctl(1). Commands, options and their arguments are those of its help texts.

_storyctl()
{
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= help listed options files=
    COMPREPLY=()
    if ((COMP_CWORD > 1)) && [[ ${COMP_WORDS[1]} != help ]]; then
        command=${COMP_WORDS[1]}
    fi
    help=$("${COMP_WORDS[0]}" help $command 2>/dev/null)
    listed=$(sed -nE 's/^  ([a-z]+) .*/\1/p' <<<"$help")
    options="$(sed -nE 's/^ +(--[a-z-]+) .*/\1/p' <<<"$help") --help"
    if ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W "$listed help --help --version" -- "$cur"))
        return
    fi
    if [[ $prev =~ ^--[a-z-]+$ ]]; then
        case $(sed -nE "s/^ +$prev ([A-Z]+) .*/\1/p" <<<"$help") in
            DIR) files=-d ;;
            FILE | PATH) files=-f ;;
            ?*) return ;;
        esac
    fi
    if [[ ! $files && $cur == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$cur"))
        return
    fi
    case $files$command in
        backup | restore) files=-d ;;
        parse | page | replay) files=-f ;;
    esac
    if [[ $files ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen $files -- "$cur")
    elif ((COMP_CWORD == 2)); then
        COMPREPLY=($(compgen -W "$listed" -- "$cur"))
    fi
}
complete -F _storyctl storyctl
