#ifndef STORYCTL_DESCRIBE_EVENT_H
#define STORYCTL_DESCRIBE_EVENT_H

int describe_main(int argc, char **argv);

#endif
