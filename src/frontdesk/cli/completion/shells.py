"""What each shell runs when Tab is pressed, and how it takes the candidates.

A shell calls ``frontdesk`` with the words so far, and its own name in a variable. The response has
a line for each candidate; the line ``:files`` says that names of files may stand there as well.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from frontdesk.cli.completion.candidates import candidates

__all__ = ["SCRIPTS", "SHELLS", "VARIABLE", "lines_for"]

VARIABLE: Final = "_FRONTDESK_COMPLETE"
"""Set by the scripts: the name of the shell that asks."""
FILES: Final = ":files"

BASH: Final = r"""
_frontdesk() {
    local IFS=$'\n' line
    COMPREPLY=()
    while read -r line; do
        if [[ $line == :files ]]; then
            compopt -o filenames
            COMPREPLY+=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]#=}"))
        else
            COMPREPLY+=("$line")
        fi
    done < <(_FRONTDESK_COMPLETE=bash "$1" "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _frontdesk frontdesk
"""
ZSH: Final = r"""
#compdef frontdesk
_frontdesk() {
    local line has_files
    local -a found lines
    lines=("${(@f)$(_FRONTDESK_COMPLETE=zsh "${words[1]}" "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    for line in "${lines[@]}"; do
        if [[ $line == :files ]]; then
            has_files=1
        elif [[ -n $line ]]; then
            found+=("$line")
        fi
    done
    (( ${#found} )) && _describe -V frontdesk found
    [[ -n $has_files ]] && _files
    return 0
}
if [[ $funcstack[1] == _frontdesk ]]; then
    _frontdesk "$@"
else
    compdef _frontdesk frontdesk
fi
"""
FISH: Final = r"""
function __frontdesk_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l command $words[1]
    for line in (_FRONTDESK_COMPLETE=fish $command $words[2..-1] 2>/dev/null)
        if test "$line" = ":files"
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c frontdesk -f -a '(__frontdesk_complete)'
"""
SCRIPTS: Final = {"bash": BASH.lstrip(), "zsh": ZSH.lstrip(), "fish": FISH.lstrip()}
"""Each shell, and what it has to read once."""
SHELLS: Final = tuple(SCRIPTS)


def lines_for(shell: str, words: Sequence[str]) -> Iterator[str]:
    """Return the lines of the response to a shell; none to one that is not known."""
    if shell not in SCRIPTS:
        return
    if shell == "bash":
        words, in_part = _joined(words)
        found = candidates(words)
        # Of ``--type=license`` bash takes the part after the sign for the word.
        prefix = "" if in_part else found.prefix
        yield from (f"{prefix}{each.word}" for each in found.words)
    elif shell == "zsh":
        found = candidates(words)
        yield from (_for_zsh(found.prefix + each.word, each.help) for each in found.words)
    else:
        found = candidates(words)
        yield from (f"{found.prefix}{each.word}\t{each.help}".rstrip("\t") for each in found.words)
    if found.files:
        yield FILES


def _joined(words: Sequence[str]) -> tuple[list[str], bool]:
    """Undo that bash splits ``--type=license`` into three words.

    The second value says whether the last word is the part after the sign.
    """
    joined: list[str] = []
    in_part = False
    for position, word in enumerate(words):
        previous = words[position - 1] if position else ""
        if word == "=" and joined and joined[-1].startswith("--") and "=" not in joined[-1]:
            joined[-1] += "="
            in_part = True
        elif previous == "=" and joined and joined[-1].endswith("="):
            joined[-1] += word
            in_part = True
        else:
            joined.append(word)
            in_part = False
    return joined, in_part


def _for_zsh(word: str, text: str) -> str:
    escaped = word.replace("\\", "\\\\").replace(":", "\\:")
    return f"{escaped}:{text}" if text else escaped
