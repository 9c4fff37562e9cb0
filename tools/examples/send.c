// SPDX-License-Identifier: GPL-2.0
/*
 * send HASH PARTY PHASE ACTION TEXT
 *
 * Send TEXT as the next message that the party owes by an action, to all of
 * the action's recipients. PARTY, PHASE and ACTION are indices, as in "pop
 * contract profile".
 */

#include <stdlib.h>
#include <sys/socket.h>

#include "hash.h"

int main(int argc, char **argv)
{
	struct sockaddr_pop self = {
		.spop_family = AF_POP,
		.spop_phase = POP_PHASE_ANY,	/* all of them: a party's */
		.spop_action = POP_ACTION_ANY,	/* address is no channel */
		.spop_seq = POP_SEQ_NEXT,
	};
	struct sockaddr_pop to = {
		.spop_family = AF_POP,
		.spop_party = POP_PARTY_ANY,	/* all recipients */
		.spop_seq = POP_SEQ_NEXT,
	};
	struct pop_filter none = {
		.phase = POP_PHASE_ANY,
		.action = POP_ACTION_ANY,
		.seq = POP_SEQ_ANY,
	};
	int fd;

	if (argc != 6)
		errx(1, "usage: send HASH PARTY PHASE ACTION TEXT");
	parse_hash(self.spop_contract, argv[1]);
	self.spop_party = atoi(argv[2]);
	to.spop_phase = atoi(argv[3]);
	to.spop_action = atoi(argv[4]);

	fd = socket(AF_POP, SOCK_RDM, POP_PROTO_MESSAGES);
	if (fd < 0)
		err(1, "socket");
	/*
	 * What comes for the party is for others: a socket that is closed loses
	 * what it has not read. Nobody sends to oneself.
	 */
	none.party = self.spop_party;
	if (setsockopt(fd, SOL_POP, POP_FILTER, &none, sizeof(none)))
		err(1, "setsockopt");
	if (bind(fd, (struct sockaddr *)&self, sizeof(self)))
		err(1, "bind");

	/* Blocks until the phase has come. What is not ours to send: EPERM. */
	if (sendto(fd, argv[5], strlen(argv[5]), 0, (struct sockaddr *)&to,
		   sizeof(to)) < 0)
		err(1, "sendto");
	return 0;
}
