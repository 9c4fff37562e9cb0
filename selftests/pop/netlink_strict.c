// SPDX-License-Identifier: GPL-2.0
/* The netlink family "pop": what no command may be given, and who may give one. */
#include <sys/wait.h>

#include "netlink.h"

/* --- what no command may be given ------------------------------------------------ */

/*
 * Every command with every number of attribute, of every wrong length: never
 * success by mistake, and never an unknown one let through.
 */
TEST_F(nl, strict__unknown_attributes)
{
	int cmds[] = { POP_CMD_CONTRACT_GET, POP_CMD_CONTRACT_ADD,
		POP_CMD_CONTRACT_SET, POP_CMD_CONTRACT_DEL, POP_CMD_PARTY_GET,
		POP_CMD_PARTY_ADD, POP_CMD_PARTY_DEL, POP_CMD_PEER_GET,
		POP_CMD_PEER_SET, POP_CMD_PHASE_GET, POP_CMD_PHASE_SET,
		POP_CMD_CHANNEL_GET, POP_CMD_STATE_GET, POP_CMD_NODE_GET,
		POP_CMD_NODE_SET };
	size_t i;

	ASSERT_EQ(0, kit_load(&self->k, &self->body));
	for (i = 0; i < sizeof(cmds) / sizeof(cmds[0]); i++) {
		struct nlmsghdr *nlh = kit_start(&self->k, cmds[i], 0);

		mnl_attr_put_u32(nlh, 60, 0);
		EXPECT_EQ(-EINVAL, CALL(nlh)) TH_LOG("command %d", cmds[i]);
		EXPECT_EQ(60, self->k.attr) TH_LOG("command %d", cmds[i]);
	}
}

TEST_F_TIMEOUT(nl, strict__lengths, 250)
{
	int len, type, cmd;

	ASSERT_EQ(0, kit_load(&self->k, &self->body));
	for (cmd = POP_CMD_CONTRACT_GET; cmd <= POP_CMD_MAX; cmd++)
		for (type = 1; type < 14; type++)
			for (len = 0; len < 36; len++) {
				struct nlmsghdr *nlh;

				if (cmd == POP_CMD_NODE_SET ||
				    cmd == POP_CMD_NODE_GET)
					continue;
				nlh = kit_start(&self->k, cmd, 0);
				mnl_attr_put(nlh, type, len, self->body.data);
				EXPECT_NE(0, CALL(nlh))
					TH_LOG("command %d, attribute %d, %d bytes",
					       cmd, type, len);
			}
}

/* Attributes whose length lies. */
TEST_F(nl, strict__malformed)
{
	int lengths[] = { 0, 1, 3, 5, 37, 4096, 65535 };
	size_t i;

	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct nlmsghdr *nlh = kit_start(&self->k, POP_CMD_CONTRACT_GET,
						 0);
		struct nlattr *a = mnl_nlmsg_get_payload_tail(nlh);

		mnl_attr_put(nlh, POP_A_CONTRACT_HASH, POP_HASH_LEN, HASH);
		a->nla_len = lengths[i];
		EXPECT_GT(0, CALL(nlh)) TH_LOG("length %d", lengths[i]);
	}
}

TEST_F(nl, strict__commands)
{
	EXPECT_EQ(-EOPNOTSUPP, CALL(kit_start(&self->k, 0, 0)));
	EXPECT_EQ(-EOPNOTSUPP, CALL(kit_start(&self->k, POP_CMD_MAX + 1, 0)));
	EXPECT_EQ(-EOPNOTSUPP, CALL(kit_start(&self->k, 255, 0)));
	/* Those that the kernel only sends. */
	EXPECT_EQ(-EOPNOTSUPP, CALL(kit_start(&self->k, POP_CMD_CONTRACT_NTF,
					      0)));
	EXPECT_EQ(-EOPNOTSUPP, CALL(kit_start(&self->k, POP_CMD_STATE_NTF, 0)));
	EXPECT_EQ(-EOPNOTSUPP, CALL(kit_start(&self->k, POP_CMD_CONTRACT_ADD,
					      NLM_F_DUMP)));
}

TEST_F(nl, strict__huge)
{
	struct nlmsghdr *nlh = kit_start(&self->k, POP_CMD_CONTRACT_ADD, 0);
	uint8_t *zero = calloc(1, KIT_PIECE);
	int i;

	for (i = 0; i < 20; i++)
		mnl_attr_put(nlh, POP_A_CONTRACT_BODY, KIT_PIECE, zero);
	mnl_attr_put(nlh, POP_A_CONTRACT_SIGNATURES, KIT_PIECE, zero);
	EXPECT_EQ(-EINVAL, CALL(nlh));
	free(zero);
}

/* --- who may ---------------------------------------------------------------------- */

static int all_refused(const struct kit_body *b)
{
	struct kit k;
	int cmd, bad = 0;

	if (setresuid(1000, 1000, 1000) || kit_open(&k))
		return 100;
	for (cmd = POP_CMD_CONTRACT_GET; cmd <= POP_CMD_MAX; cmd++) {
		switch (cmd) {
		case POP_CMD_CONTRACT_NTF:
		case POP_CMD_CONTRACT_DEL_NTF:
		case POP_CMD_PARTY_NTF:
		case POP_CMD_PARTY_DEL_NTF:
		case POP_CMD_CHANNEL_NTF:
		case POP_CMD_EVIDENCE_NTF:
		case POP_CMD_STATE_NTF:
			continue;	/* only the kernel sends them */
		}
		if (kit_call(&k, kit_start(&k, cmd, 0), NULL, NULL) != -EPERM)
			bad++;
	}
	if (kit_contract_add(&k, b, b->parties) != -EPERM)
		bad++;
	return bad;
}

TEST_F(nl, privilege__none)
{
	pid_t child = fork();
	int status;

	ASSERT_LE(0, child);
	if (!child)
		_exit(all_refused(&self->body));
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
}

/* Root of a user namespace may configure the network namespaces it owns. */
static int own_netns(const struct kit_body *b)
{
	struct kit k;

	if (setresuid(1000, 1000, 1000))
		return 1;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return 2;
	if (kit_open(&k))
		return 3;
	if (kit_contract_add(&k, b, b->parties))
		return 4;
	if (kit_contract_cmd(&k, POP_CMD_CONTRACT_DEL, b->hash))
		return 5;
	return 0;
}

/* .. and not the one it came from. */
static int other_netns(const struct kit_body *b)
{
	struct kit k;

	if (setresuid(1000, 1000, 1000))
		return 1;
	if (unshare(CLONE_NEWUSER))
		return 2;
	if (kit_open(&k))
		return 3;
	return kit_contract_add(&k, b, b->parties) == -EPERM ? 0 : 4;
}

TEST_F(nl, privilege__user_namespace)
{
	int (*which[])(const struct kit_body *) = { own_netns, other_netns };
	int i, status;

	for (i = 0; i < 2; i++) {
		pid_t child = fork();

		ASSERT_LE(0, child);
		if (!child)
			_exit(which[i](&self->body));
		ASSERT_EQ(child, waitpid(child, &status, 0));
		EXPECT_EQ(0, WEXITSTATUS(status))
			TH_LOG("step %d of %s netns", WEXITSTATUS(status),
			       i ? "another" : "an own");
	}
}

TEST_HARNESS_MAIN
