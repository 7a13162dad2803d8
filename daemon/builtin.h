/* Embeds a file in the program. */
#ifndef BUILTIN_H
#define BUILTIN_H

/* The unmodified bytes are between symbol and symbol_end. The assembler reads the file, so the
 * Makefile lists it as a dependency of the object. */
#define BUILTIN_FILE(symbol, path)                                                                 \
    __asm__(".pushsection .rodata\n"                                                               \
            ".hidden " #symbol "\n.global " #symbol "\n" #symbol ":\n.incbin \"" path "\"\n"       \
            ".hidden " #symbol "_end\n.global " #symbol "_end\n" #symbol "_end:\n.byte 0\n"        \
            ".popsection\n");                                                                      \
    extern const char symbol[], symbol##_end[]

#endif
