#ifndef STORYCTL_DECIDE_H
#define STORYCTL_DECIDE_H

/* The command that its first argument names. */
int decide_main(int argc, char **argv);

int history_main(int argc, char **argv);

#endif
