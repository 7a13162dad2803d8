#ifndef STORYCTL_REPLAY_H
#define STORYCTL_REPLAY_H

int replay_main(int argc, char **argv);

#endif
