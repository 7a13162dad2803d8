#ifndef STORYCTL_EDITING_H
#define STORYCTL_EDITING_H

/* Runs the command named by argv[0]. */
int decide_main(int argc, char **argv);

int forget_main(int argc, char **argv);
int history_main(int argc, char **argv);

const char *editing_login(void); /* the editor's name if none is given */

#endif
