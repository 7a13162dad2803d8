/* The version of a program and of the libraries that it runs with, for --version. */
#ifndef VERSION_H
#define VERSION_H

/* Prints "PROGRAM VERSION", then a line for each library. */
void version_print(const char *program);

#endif
