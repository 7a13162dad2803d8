/* Checks the number of a command's arguments; see arguments.h. All commands use it. */
#include "storyctl/arguments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void arguments_usage(const char *help)
{
    const char *end = strstr(help, "\n\n");
    fprintf(stderr, "%.*s\n", end ? (int)(end - help) : (int)strlen(help), help);
}

/* Behind "storyctl COMMAND" in the usage. */
static const char *usage_of(const char *command, const char *help)
{
    static const char program[] = "storyctl ";
    size_t n = strlen(command);
    for (const char *p = help; (p = strstr(p, program)); p += n) {
        p += sizeof program - 1;
        if (!strncmp(p, command, n) && strchr(" \n", p[n]))
            return p + n;
    }
    return "";
}

/* Goes to the next argument that is not optional; returns its length, 0 after the last. */
static size_t next_argument(const char **usage)
{
    const char *p = *usage;
    for (;;) {
        p += strspn(p, p[0] == '\n' && p[1] == '\n' ? "" : " \n");
        size_t n = strcspn(p, " \n");
        if (*p == '[')
            n = strcspn(p, "]") + strspn(p + strcspn(p, "]"), "].");
        else if (!strncmp(p, "--", 2)) /* with its value */
            n += 1 + strcspn(p + n + 1, " \n");
        else {
            *usage = p + n;
            return *p == '<' || *p == '\n' || !strncmp(p, "storyctl", n) ? 0 : n;
        }
        p += n;
    }
}

static void tell_missing(const char *command, const char *usage, int n)
{
    const char *before = "missing";
    size_t length;
    fprintf(stderr, "storyctl %s: ", command);
    while ((length = next_argument(&usage)) > 0) {
        const char *name = usage - length;
        if (n-- > 0)
            continue;
        if (length > 3 && !strncmp(usage - 3, "...", 3))
            length -= 3;
        fprintf(stderr, "%s %.*s", before, (int)length, name);
        before = " and";
    }
    fputc('\n', stderr);
}

bool arguments_fit(const char *command, const char *help, int wanted, int n, char *const *arguments)
{
    int least = wanted == ARGUMENTS_OPTIONAL ? 0 : abs(wanted);
    int most = wanted == ARGUMENTS_OPTIONAL ? 1 : wanted < 0 ? n : wanted;
    if (n >= least && n <= most)
        return true;
    if (n < least)
        tell_missing(command, usage_of(command, help), n);
    else
        fprintf(stderr, "storyctl %s: unexpected argument \"%s\"\n", command, arguments[most]);
    arguments_usage(help);
    return false;
}
