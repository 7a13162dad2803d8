#ifndef STORYCTL_PARSE_H
#define STORYCTL_PARSE_H

/* `storyctl parse`: prints a feed document as one JSON object. */
int parse_main(int argc, char **argv);

#endif
