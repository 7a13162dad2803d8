#compdef storyctl
# zsh completion for storyctl(1). Commands, options and their arguments are those of its help texts.

_storyctl()
{
    local program=$words[1] command= help
    local -a listed options
    if ((CURRENT > 2)) && [[ $words[2] != help ]]; then
        command=$words[2]
    fi
    help=$(_call_program help $program help $command 2>/dev/null)
    listed=(${(f)"$(sed -nE 's/^  ([a-z]+) +(.*)/\1:\2/p' <<<$help)"})
    if ((CURRENT == 2)); then
        listed+=('help:explain a command')
        _describe command listed
        if [[ $PREFIX == -* ]]; then
            compadd -- --help --version
        fi
        return
    fi
    # as _arguments wants it: --option[text]:argument:action
    options=(${(f)"$(sed -nE -e 's/[]:[]/\\&/g' \
        -e 's/^ +(--[a-z-]+) DIR +(.*)/\1[\2]:directory:_files -\//p' \
        -e 's/^ +(--[a-z-]+) (FILE|PATH) +(.*)/\1[\3]:file:_files/p' \
        -e 's/^ +(--[a-z-]+) ([A-Z]+) +(.*)/\1[\3]:\2: /p' \
        -e '/^ +--help/d' \
        -e 's/^ +(--[a-z-]+) +(.*)/\1[\2]/p' <<<$help)"} '--help[print a help text and exit]')
    case $command in
        backup | restore) options+=('*:folder:_files -/') ;;
        parse | page | replay) options+=('*:file:_files') ;;
        *) (($#listed)) && options+=('1:command:{ _describe command listed }') ;;
    esac
    shift words
    ((CURRENT--))
    _arguments $options
}

_storyctl "$@"
