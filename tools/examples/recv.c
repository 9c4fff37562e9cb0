// SPDX-License-Identifier: GPL-2.0
/*
 * recv HASH PARTY
 *
 * Wait for the next message to a party, whatever its sender, and print it.
 */

#include <stdlib.h>
#include <sys/socket.h>

#include "hash.h"

int main(int argc, char **argv)
{
	struct sockaddr_pop from, self = {
		.spop_family = AF_POP,
		.spop_phase = POP_PHASE_ANY,
		.spop_action = POP_ACTION_ANY,
		.spop_seq = POP_SEQ_NEXT,
	};
	socklen_t len = sizeof(from);
	static char text[POP_MAX_MESSAGE];
	ssize_t size;
	int fd;

	if (argc != 3)
		errx(1, "usage: recv HASH PARTY");
	parse_hash(self.spop_contract, argv[1]);
	self.spop_party = atoi(argv[2]);

	fd = socket(AF_POP, SOCK_RDM, POP_PROTO_MESSAGES);
	if (fd < 0)
		err(1, "socket");
	if (bind(fd, (struct sockaddr *)&self, sizeof(self)))
		err(1, "bind");
	size = recvfrom(fd, text, sizeof(text), 0, (struct sockaddr *)&from,
			&len);
	if (size < 0)
		err(1, "recvfrom");
	if (!len)
		errx(1, "the contract has ended");

	/* What the message is for needs no words in it: its slot says so. */
	printf("phase %u action %u message %u from party %u: %.*s\n",
	       from.spop_phase, from.spop_action, from.spop_seq,
	       from.spop_party, (int)size, text);
	return 0;
}
