#ifndef STORYCTL_TONE_H
#define STORYCTL_TONE_H

int tone_main(int argc, char **argv);

#endif
