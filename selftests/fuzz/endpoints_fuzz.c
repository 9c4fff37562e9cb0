// SPDX-License-Identifier: GPL-2.0
/*
 * Files that say where parties are reached.
 *
 * Options: -max_len=1024
 * Runs: 150000
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define ROOM 65536

static size_t put_address(char *text, const struct pop_endpoint *e)
{
	char addr[INET6_ADDRSTRLEN], scope[IF_NAMESIZE + 1] = "";

	if (e->addr.sa.sa_family == AF_INET) {
		inet_ntop(AF_INET, &e->addr.in.sin_addr, addr, sizeof(addr));
		return sprintf(text, "\"%s", addr);
	}
	CHECK(e->addr.sa.sa_family == AF_INET6);
	inet_ntop(AF_INET6, &e->addr.in6.sin6_addr, addr, sizeof(addr));
	if (e->addr.in6.sin6_scope_id) {
		scope[0] = '%';
		CHECK(if_indextoname(e->addr.in6.sin6_scope_id, scope + 1));
	}
	return sprintf(text, "\"[%s%s]", addr, scope);
}

/* The same endpoints as another file. */
static size_t format(char *text, const struct pop_plan *plan,
		     const struct pop_endpoint *list, u32 nr)
{
	size_t len = 0;
	u32 i, port;

	for (i = 0; i < nr; i++) {
		CHECK(list[i].party < plan->nr_parties);
		len += sprintf(text + len, "%s: ",
			       (const char *)plan->party[list[i].party].name);
		len += put_address(text + len, &list[i]);
		/* at the same place in both */
		port = ntohs(list[i].addr.in.sin_port);
		if (port)
			len += sprintf(text + len, ":%u", port);
		len += sprintf(text + len, "\"\n");
	}
	return len;
}

void fuzz_one(const u8 *data, size_t len)
{
	static struct pop_contract contract;
	static char text[ROOM];
	struct pop_endpoint *list, *again;
	struct pop_error err = {};
	u32 nr, again_nr;

	if (!contract.body)
		fuzz_contract(&contract);
	fuzz_file(data, len);
	if (pop_endpoints_read("endpoints", &contract.plan, &list, &nr, &err)) {
		CHECK(!list);
		fuzz_check_error(&err, "endpoints");
		return;
	}
	fuzz_accept();
	CHECK(nr && nr <= contract.plan.nr_parties);

	fuzz_file(text, format(text, &contract.plan, list, nr));
	CHECK(!pop_endpoints_read("endpoints", &contract.plan, &again,
				  &again_nr, &err));
	CHECK(again_nr == nr && !memcmp(again, list, nr * sizeof(*list)));
	free(again);
	free(list);
}
