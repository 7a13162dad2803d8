#ifndef STORYCTL_CLUSTER_H
#define STORYCTL_CLUSTER_H

int cluster_main(int argc, char **argv);

#endif
