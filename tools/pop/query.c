// SPDX-License-Identifier: GPL-2.0
/* Asking another party for the states of its channels: see query.h. */

#include <string.h>
#include <time.h>

#include "cmd.h"
#include "query.h"

#define TRIES		3
#define TRY_MS		500	/* for the first; each waits twice as long */

/*
 * An answer may come before the kernel has told the number of its request, and
 * the answer to an earlier try is as good: so any is taken, and looked at later.
 *
 * @requests: numbers of the tries
 */
struct exchange {
	const struct query *query;
	struct answer *answer;
	u64 requests[TRIES];
	unsigned int tries;
};

static void take_states(struct answer *answer, const struct nlattr *attr)
{
	answer->count = attr ? mnl_attr_get_payload_len(attr) : 0;
	if (answer->count > QUERY_MAX)
		answer->count = QUERY_MAX;
	if (answer->count)
		memcpy(answer->states, mnl_attr_get_payload(attr),
		       answer->count);
}

static void take_answer(const struct nlmsghdr *msg, void *data)
{
	const struct nlattr *attrs[POP_A_STATE_MAX + 1];
	const struct exchange *exchange = data;
	struct answer *answer = exchange->answer;
	const struct nlattr *root;

	nl_parse(msg, attrs, POP_A_STATE_MAX);
	answer->request = nl_u64(attrs[POP_A_STATE_REQUEST]);
	answer->contract_state = nl_u32(attrs[POP_A_STATE_CONTRACT_STATE]);
	answer->phase = nl_u32(attrs[POP_A_STATE_CURRENT_PHASE]);
	answer->phase_state = nl_u32(attrs[POP_A_STATE_PHASE_STATE]);
	answer->minutes = nl_u32(attrs[POP_A_STATE_MINUTES]);
	answer->now = nl_u64(attrs[POP_A_STATE_NOW]);
	answer->rtt = nl_u32(attrs[POP_A_STATE_RTT]);
	root = attrs[POP_A_STATE_ROOT];
	if (root && mnl_attr_get_payload_len(root) == POP_HASH_LEN)
		memcpy(answer->root, mnl_attr_get_payload(root), POP_HASH_LEN);
	take_states(answer, attrs[POP_A_STATE_STATES]);
}

static void take_number(const struct nlmsghdr *msg, void *data)
{
	const struct nlattr *attrs[POP_A_STATE_MAX + 1];
	struct exchange *exchange = data;

	nl_parse(msg, attrs, POP_A_STATE_MAX);
	exchange->requests[exchange->tries++] =
		nl_u64(attrs[POP_A_STATE_REQUEST]);
}

static bool answered(const struct exchange *exchange)
{
	unsigned int i;

	for (i = 0; i < exchange->tries; i++)
		if (exchange->answer->request == exchange->requests[i])
			return true;
	return false;
}

static int ask(struct exchange *exchange)
{
	const struct query *query = exchange->query;
	struct nlmsghdr *msg = nl_message(POP_CMD_STATE_GET, 0, NL_ROOM);

	if (!msg)
		return CMD_FAILED;
	mnl_attr_put(msg, POP_A_STATE_CONTRACT, POP_HASH_LEN,
		     query->contract->hash);
	mnl_attr_put_u32(msg, POP_A_STATE_PARTY, query->self);
	mnl_attr_put_u32(msg, POP_A_STATE_PEER, query->peer);
	mnl_attr_put_u32(msg, POP_A_STATE_DIRECTION, query->direction);
	if (query->phase != QUERY_ALL_PHASES)
		mnl_attr_put_u32(msg, POP_A_STATE_PHASE, query->phase);
	mnl_attr_put_u32(msg, POP_A_STATE_FIRST, query->first);
	mnl_attr_put_u32(msg, POP_A_STATE_COUNT, query->count);
	return nl_request(msg, take_number, exchange);
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

int query(const struct query *query, struct answer *answer)
{
	struct exchange exchange = { .query = query, .answer = answer };
	long long until, left;
	int try, heard, ret = CMD_OK;

	memset(answer, 0, sizeof(*answer));
	nl_on_notify(take_answer, &exchange);
	for (try = 0; try < TRIES; try++) {
		ret = ask(&exchange);
		if (ret || answered(&exchange))
			break;
		until = now_ms() + (TRY_MS << try);
		do {
			left = until - now_ms();
			/* who is late to look may find the answer there */
			heard = nl_wait(left > 0 ? left : 0);
		} while (heard > 0 && !answered(&exchange));
		if (heard < 0)
			ret = CMD_FAILED;
		if (ret || answered(&exchange))
			break;
	}
	nl_on_notify(NULL, NULL);
	if (!ret && !answered(&exchange))
		ret = error("party %s does not answer; see \"pop -s peer show\"",
			    party_name(query->contract, query->peer));
	return ret;
}
