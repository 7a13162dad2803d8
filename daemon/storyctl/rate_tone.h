#ifndef STORYCTL_RATE_TONE_H
#define STORYCTL_RATE_TONE_H

int tone_main(int argc, char **argv);

#endif
