#ifndef STORYCTL_EDITING_H
#define STORYCTL_EDITING_H

/* The command that its first argument names. */
int decide_main(int argc, char **argv);

int history_main(int argc, char **argv);

#endif
