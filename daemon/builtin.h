/* A file that is built into the program. */
#ifndef BUILTIN_H
#define BUILTIN_H

/* Its bytes as they are, between symbol and symbol_end. The assembler reads it, so the Makefile
 * names the file as what the object depends on. */
#define BUILTIN_FILE(symbol, path)                                                                 \
    __asm__(".pushsection .rodata\n"                                                               \
            ".hidden " #symbol "\n.global " #symbol "\n" #symbol ":\n.incbin \"" path "\"\n"       \
            ".hidden " #symbol "_end\n.global " #symbol "_end\n" #symbol "_end:\n.byte 0\n"        \
            ".popsection\n");                                                                      \
    extern const char symbol[], symbol##_end[]

#endif
