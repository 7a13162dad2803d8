# fish completion for storyctl(1). Commands, options and their arguments are those of its help texts.

function __storyctl_complete
    set -l words (commandline -opc)
    set -l command $words[2]
    test "$command" = help; and set command
    set -l help (command $words[1] help $command 2>/dev/null)
    set -l listed (string replace -rf '^  ([a-z]+) +(.*)' '$1\t$2' -- $help)
    if not set -q words[2]
        printf '%s\n' $listed help\t'explain a command' --help --version
        return
    end
    set -l files
    if string match -qr -- '^--[a-z-]+$' $words[-1]
        switch "$(string replace -rf -- "^ +$words[-1] ([A-Z]+) .*" '$1' $help)"
            case DIR
                set files directories
            case FILE PATH
                set files path
            case '?*'
                return
        end
    end
    if not set -q files[1]; and string match -q -- '-*' (commandline -ct)
        string replace -rf '^ +(--[a-z-]+)( [A-Z]+)? +(.*)' '$1\t$3' -- $help
        contains -- --help (string match -rg '^ +(--help) ' -- $help)
        or echo --help
        return
    end
    switch "$files$command"
        case backup restore
            set files directories
        case parse page replay
            set files path
    end
    if set -q files[1]
        __fish_complete_$files (commandline -ct)
    else if not set -q words[3]
        printf '%s\n' $listed
    end
end

complete -c storyctl -f -a '(__storyctl_complete)'
