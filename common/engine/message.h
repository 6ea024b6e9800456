/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * message - what the compiler process tells the tool, one datagram each on a socket of type
 * SOCK_SEQPACKET; descriptors travel beside the message.
 */
#ifndef IOAMP_MESSAGE_H
#define IOAMP_MESSAGE_H

#include <sys/types.h>

#include "base/log.h"
#include "engine/engine.h"

enum message_kind {
	MSG_MAP,	/* one descriptor */
	MSG_PROBE,	/* its program and what keeps it, see struct engine_program; none: `reason` */
	MSG_PROGRAM,	/* another program of a probe, and what keeps it */
	MSG_NOTICE,
	MSG_DONE, MSG_FAIL,	/* the last one */
};

struct message {
	enum message_kind kind;
	int index;		/* enum probe_map_id, or index of the probe in the catalog */
	enum program_role role;
	int hook;		/* of the probe, -1 none */
	enum attach_via via;
	enum reason reason;
	char text[256];		/* the reason in words; notice */
	enum ktypes_source types;
	struct text_config config;
	struct failure failure;
};
#define MESSAGE_FDS 2

/* 0 or -errno. The descriptors stay the caller's. */
int message_send(int sock, const struct message *m, const int *fds, size_t nfds);
void message_notice(int sock, const char *text);

/* Waits for one. The descriptors become the caller's. Its size; 0 when the other end is closed; negative on error. */
ssize_t message_receive(int sock, struct message *m, int fds[MESSAGE_FDS], size_t *nfds);

#endif
