/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fixture of the netlink tests: a contract of three parties that is not
 * loaded yet, in a network namespace of the test's own.
 */
#ifndef _NETLINK_H
#define _NETLINK_H

#include "../kselftest_harness.h"
#include "kit.h"

enum { A, B, C };

static const struct kit_action actions[] = {
	{ 0, "bill", A, 1, { B }, .count = 3, .minutes = 90 },
	{ 0, "news", A, 2, { B, C }, .same = true },
	{ 1, "reply", B, 1, { A } },
};

static const struct kit_contract contract = {
	.name = "netlink", .parties = 3, .phases = 2,
	.action = actions, .nr_actions = 3,
};

FIXTURE(nl) {
	struct kit k;
	struct kit_body body;
};

FIXTURE_SETUP(nl)
{
	ASSERT_EQ(0, kit_netns());
	ASSERT_EQ(0, kit_open(&self->k));
	self->body = kit_encode(&contract);
}

FIXTURE_TEARDOWN(nl)
{
	kit_close(&self->k);
	free(self->body.data);
}

#define CALL(nlh) kit_call(&self->k, nlh, NULL, NULL)
#define HASH self->body.hash

/* The answers of one call: how many, and the last of each attribute. */
struct seen {
	int		count;
	uint32_t	u32[64];
	uint8_t		hash[POP_HASH_LEN];
	char		name[64];
	int		name_attr;
	bool		present[64];
	int		present_count[64];
};

static inline void seen_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *a;
	struct seen *s = data;

	s->count++;
	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr)) {
		int type = mnl_attr_get_type(a);

		if (type >= 64)
			continue;
		s->present[type] = true;
		s->present_count[type]++;
		if (mnl_attr_get_payload_len(a) == 4)
			s->u32[type] = mnl_attr_get_u32(a);
		if (mnl_attr_get_payload_len(a) == POP_HASH_LEN)
			memcpy(s->hash, mnl_attr_get_payload(a), POP_HASH_LEN);
		if (type == s->name_attr)
			snprintf(s->name, sizeof(s->name), "%s",
				 mnl_attr_get_str(a));
	}
}

#endif /* _NETLINK_H */
