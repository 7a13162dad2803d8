# bash completion for storyctl(1)

_storyctl()
{
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} options= files= words=
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W "list show posts why tail export merge split move rename pin mute tag note write signal undo forget history feeds pages health stats check backup parse page replay cluster describe tone help
            --help --version" -- "$cur"))
        return
    fi
    case $prev in
        --db)
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -d -- "$cur")
            return ;;
        --config | --socket)
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -f -- "$cur")
            return ;;
        --min-sources | --since | --category | --words | --lang | --source | --limit | --url | --type | --window | --title | --group | --who | --reason | --event)
            return ;;
    esac
    case ${COMP_WORDS[1]} in
        list) options="--db --min-sources --since --category --lang --source --words --limit --json --help" ;;
        show) options="--db --why --json --help" ;;
        merge | split | move | rename | note | write | signal | undo)
            options="--who --reason --json --socket --db --help" ;;
        pin | mute | tag) options="--off --who --reason --json --socket --db --help" ;;
        forget) options="--feed --who --reason --json --socket --db --help" ;;
        history) options="--db --event --limit --json --help" ;;
        posts | why) options="--db --json --help" ;;
        tail) options="--db --since --json --help" ;;
        feeds) options="--db --json --config --title --group --url --help" words="show add remove export find" ;;
        pages) options="--db --hosts --limit --json --help" ;;
        health) options="--socket --db --json --help" ;;
        stats) options="--db --json --help" ;;
        export | check) options="--db --help" ;;
        backup) options="--db --help" files=-d ;;
        parse) options="--url --type --help" files=-f ;;
        replay) options="--db --help" files=-f ;;
        cluster) options="--window --help" ;;
        describe) options="--help" ;;
        tone) options="--help" ;;
        page) options="--url --text --help" ;;
        help) words="list show posts why tail export merge split move rename pin mute tag note write signal undo forget history feeds pages health stats check backup parse page replay cluster describe tone" ;;
    esac
    if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$cur"))
    elif [[ $words ]] && ((COMP_CWORD == 2)); then
        COMPREPLY=($(compgen -W "$words" -- "$cur"))
    elif [[ $files ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen $files -- "$cur")
    fi
}
complete -F _storyctl storyctl
