// SPDX-License-Identifier: GPL-2.0
/*
 * Memory runs out: at every place of every call, one after the other, by
 * /proc/thread-self/fail-nth; and by chance, in softirq, too, by failslab. A
 * call fails cleanly or copes, and afterwards all is as if it had not been.
 *
 * Kernels: uml
 */
#include <poll.h>

#include "../kselftest_harness.h"
#include "kit.h"

enum { A, B, C };

static const struct kit_action actions[] = {
	{ 0, "bill", A, 1, { B }, .count = 1000, .max = 65536 },
	{ 0, "news", A, 2, { B, C }, .count = 1000, .max = 65536, .same = true },
};

static const struct kit_contract contract = {
	.name = "alloc", .parties = 3, .phases = 1,
	.action = actions, .nr_actions = 2,
};

FIXTURE(fail) {
	struct kit k;
	struct kit_body body;
	int nth;	/* /proc/thread-self/fail-nth */
};

static void put(const char *file, const char *value)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		perror(file);
	close(fd);
}

FIXTURE_SETUP(fail)
{
	ASSERT_EQ(0, kit_netns());
	ASSERT_EQ(0, kit_open(&self->k));
	self->body = kit_encode(&contract);
	self->nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->nth);
	/* By default, allocations that may sleep do not fail. */
	put("/sys/kernel/debug/failslab/ignore-gfp-wait", "N");
	put("/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N");
}

FIXTURE_TEARDOWN(fail)
{
	put("/sys/kernel/debug/failslab/probability", "0");
	close(self->nth);
	kit_close(&self->k);
	free(self->body.data);
}

static void arm(int fd, int nth)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", nth);
	/* Writing copies from user space, which can be what fails. */
	while (pwrite(fd, text, strlen(text), 0) < 0)
		;
}

/* Return: whether something failed since arm(). */
static bool disarm(int fd)
{
	char text[16] = "";
	bool hit;

	/* Reading copies to user space, which can be what fails. */
	if (pread(fd, text, sizeof(text) - 1, 0) < 0)
		hit = false;
	else
		hit = !atoi(text);
	arm(fd, 0);
	return hit;
}

static bool out_of_memory(int error)
{
	return error == -ENOMEM || error == -ENOBUFS || error == -EFAULT ||
	       error == -ENFILE || error == -EAGAIN;
}

#define MANY 2000	/* more than any call allocates */

/* @call for nth = 1, 2, .. until nothing fails; @undo after each. */
#define FOR_EACH_ALLOCATION(call, undo) do {				\
	int nth_, hit_, ret_;						\
									\
	for (nth_ = 1; nth_ < MANY; nth_++) {				\
		arm(self->nth, nth_);					\
		ret_ = (call);						\
		if (ret_ < 0 && ret_ == -1)				\
			ret_ = -errno;					\
		hit_ = disarm(self->nth);				\
		if (!hit_)						\
			break;						\
		if (ret_ < 0)						\
			EXPECT_TRUE(out_of_memory(ret_))		\
				TH_LOG("nth %d: %d", nth_, ret_);	\
		undo;							\
	}								\
	EXPECT_LT(nth_, MANY);						\
	EXPECT_LE(0, ret_) TH_LOG("without a failure: %d", ret_);	\
	TH_LOG("%s: %d places", #call, nth_ - 1);			\
} while (0)

/* The same for a netlink request, whose result is an answer. */
#define FOR_EACH_IN_REQUEST(make, undo) do {				\
	int nth_, hit_, ret_;						\
									\
	for (nth_ = 1; nth_ < MANY; nth_++) {				\
		struct nlmsghdr *nlh_ = (make);				\
									\
		kit_forget_errors(&self->k);				\
		arm(self->nth, nth_);					\
		ret_ = mnl_socket_sendto(self->k.nl, nlh_,		\
					 nlh_->nlmsg_len);		\
		if (ret_ < 0)						\
			ret_ = -errno;					\
		hit_ = disarm(self->nth);				\
		if (ret_ >= 0)						\
			ret_ = kit_wait(&self->k, nlh_->nlmsg_seq, NULL, \
					NULL);				\
		if (!hit_)						\
			break;						\
		if (ret_ < 0)						\
			EXPECT_TRUE(out_of_memory(ret_))		\
				TH_LOG("nth %d: %d %s", nth_, ret_,	\
				       self->k.text);			\
		undo;							\
	}								\
	EXPECT_LT(nth_, MANY);						\
	EXPECT_EQ(0, ret_) TH_LOG("without a failure: %d %s", ret_,	\
				  self->k.text);			\
	TH_LOG("%s: %d places", #make, nth_ - 1);			\
} while (0)

#define HASH self->body.hash

TEST_F_TIMEOUT(fail, fail__contract_add, 250)
{
	FOR_EACH_IN_REQUEST(kit_contract_add_msg(&self->k, &self->body, 3),
			    kit_contract_cmd(&self->k, POP_CMD_CONTRACT_DEL,
					     HASH));
}

TEST_F_TIMEOUT(fail, fail__party_add, 250)
{
	ASSERT_EQ(0, kit_contract_add(&self->k, &self->body, 3));
	FOR_EACH_IN_REQUEST(kit_party_add_msg(&self->k, &self->body, A, 0),
			    kit_party_del(&self->k, &self->body, A));
}

static struct nlmsghdr *request(struct kit *k, int cmd, int flags,
				int hash_attr, const uint8_t *hash,
				int u32_attr, uint32_t value)
{
	struct nlmsghdr *nlh = kit_start(k, cmd, flags);

	if (hash_attr)
		mnl_attr_put(nlh, hash_attr, POP_HASH_LEN, hash);
	if (u32_attr)
		mnl_attr_put_u32(nlh, u32_attr, value);
	return nlh;
}

TEST_F_TIMEOUT(fail, fail__looking, 250)
{
	ASSERT_EQ(0, kit_load(&self->k, &self->body));
	FOR_EACH_IN_REQUEST(request(&self->k, POP_CMD_CONTRACT_GET, 0,
				    POP_A_CONTRACT_HASH, HASH, 0, 0), );
	FOR_EACH_IN_REQUEST(request(&self->k, POP_CMD_CONTRACT_GET, NLM_F_DUMP,
				    0, NULL, 0, 0), );
	FOR_EACH_IN_REQUEST(request(&self->k, POP_CMD_PARTY_GET, 0,
				    POP_A_PARTY_CONTRACT, HASH,
				    POP_A_PARTY_INDEX, A), );
	FOR_EACH_IN_REQUEST(request(&self->k, POP_CMD_PARTY_GET, NLM_F_DUMP,
				    POP_A_PARTY_CONTRACT, HASH, 0, 0), );
	FOR_EACH_IN_REQUEST(request(&self->k, POP_CMD_PEER_GET, NLM_F_DUMP,
				    POP_A_PEER_CONTRACT, HASH,
				    POP_A_PEER_PARTY, A), );
	FOR_EACH_IN_REQUEST(request(&self->k, POP_CMD_PHASE_GET, NLM_F_DUMP,
				    POP_A_PHASE_CONTRACT, HASH,
				    POP_A_PHASE_PARTY, A), );
	FOR_EACH_IN_REQUEST(request(&self->k, POP_CMD_CHANNEL_GET, NLM_F_DUMP,
				    POP_A_CHANNEL_CONTRACT, HASH,
				    POP_A_CHANNEL_PARTY, A), );
	FOR_EACH_IN_REQUEST(request(&self->k, POP_CMD_NODE_GET, 0, 0, NULL, 0,
				    0), );
}

TEST_F_TIMEOUT(fail, fail__ending, 250)
{
	FOR_EACH_IN_REQUEST(({
		kit_contract_cmd(&self->k, POP_CMD_CONTRACT_DEL, HASH);
		kit_load(&self->k, &self->body);
		request(&self->k, POP_CMD_CONTRACT_DEL, 0, POP_A_CONTRACT_HASH,
			HASH, 0, 0);
	}), );
	FOR_EACH_IN_REQUEST(({
		kit_contract_cmd(&self->k, POP_CMD_CONTRACT_DEL, HASH);
		kit_load(&self->k, &self->body);
		request(&self->k, POP_CMD_CONTRACT_SET, 0, POP_A_CONTRACT_HASH,
			HASH, POP_A_CONTRACT_STATE,
			POP_CONTRACT_STATE_ABORTED);
	}), );
}

/* Return: 0 for an event, or the error that stands for those that are lost. */
static int next_event(struct kit *k)
{
	return recv(mnl_socket_get_fd(k->nl), k->answer, KIT_MESSAGE,
		    MSG_DONTWAIT) < 0 ? errno : 0;
}

/* An event that there is no memory for is not lost in silence. */
TEST_F_TIMEOUT(fail, fail__events, 250)
{
	struct kit listener;
	int error;

	ASSERT_EQ(0, kit_open(&listener));
	ASSERT_EQ(0, kit_listen(&listener));
	FOR_EACH_IN_REQUEST(({
		kit_contract_cmd(&self->k, POP_CMD_CONTRACT_DEL, HASH);
		kit_contract_add(&self->k, &self->body, 3);
		while (next_event(&listener) != EAGAIN)
			;
		request(&self->k, POP_CMD_CONTRACT_SET, 0, POP_A_CONTRACT_HASH,
			HASH, POP_A_CONTRACT_STATE,
			POP_CONTRACT_STATE_ABORTED);
	}), ({
		error = next_event(&listener);
		if (!ret_)
			EXPECT_TRUE(!error || error == ENOBUFS)
				TH_LOG("nth %d: %d", nth_, error);
	}));
	kit_close(&listener);
}

TEST_F_TIMEOUT(fail, fail__sockets, 250)
{
	static char big[20000];
	struct sockaddr_pop addr;
	struct pop_filter filter = { POP_PHASE_ANY, POP_ACTION_ANY,
				     POP_PARTY_ANY };
	struct pop_info info;
	struct {
		struct pop_state s;
		uint8_t states[64];
	} state;
	socklen_t len;
	int fd, a, b, ret;

	ASSERT_EQ(0, kit_load(&self->k, &self->body));
	FOR_EACH_ALLOCATION(({
		fd = socket(AF_POP, SOCK_RDM, 0);
		if (fd >= 0)
			close(fd);
		fd;
	}), );
	addr = kit_addr(&self->body, A);
	FOR_EACH_ALLOCATION(({
		fd = socket(AF_POP, SOCK_RDM, 0);
		ret = fd < 0 ? -errno :
		      bind(fd, (void *)&addr, sizeof(addr)) ? -errno : 0;
		if (fd >= 0)
			close(fd);
		ret;
	}), );
	a = kit_socket(&self->body, A);
	b = kit_socket(&self->body, B);
	ASSERT_LE(0, a);
	ASSERT_LE(0, b);
	addr = kit_channel(&self->body, 0, 0, B);
	FOR_EACH_ALLOCATION(connect(a, (void *)&addr, sizeof(addr)), );
	/* What failed has not used up its slot: none is sent twice. */
	FOR_EACH_ALLOCATION(send(a, "small", 5, 0), );
	FOR_EACH_ALLOCATION(send(a, big, sizeof(big), 0), );
	FOR_EACH_ALLOCATION(kit_send(a, &self->body, 0, 1, POP_PARTY_ANY, big,
				     1000, 0), );
	FOR_EACH_ALLOCATION(recv(b, big, sizeof(big), MSG_DONTWAIT | MSG_PEEK), );
	FOR_EACH_ALLOCATION(setsockopt(b, SOL_POP, POP_FILTER, &filter,
				       sizeof(filter)), );
	len = sizeof(info);
	FOR_EACH_ALLOCATION(getsockopt(b, SOL_POP, POP_INFO, &info, &len),
			    len = sizeof(info));
	FOR_EACH_ALLOCATION(({
		state.s = (struct pop_state){ .party = C, .count = 64,
					      .phase = POP_PHASE_ANY };
		len = sizeof(state);
		getsockopt(b, SOL_POP, POP_STATE, &state, &len);
	}), );
	close(a);
	close(b);
}

TEST_F_TIMEOUT(fail, fail__byzantine, 250)
{
	struct sockaddr_pop name, to;
	char data[POP_RECORD_MAX];
	int fd, a, b, ret;

	ASSERT_EQ(0, kit_load(&self->k, &self->body));
	name = kit_addr(&self->body, A);
	FOR_EACH_ALLOCATION(({
		fd = socket(AF_POP, SOCK_DGRAM, POP_PROTO_BYZANTINE);
		ret = fd < 0 ? -errno :
		      bind(fd, (void *)&name, sizeof(name)) ? -errno : 0;
		if (fd >= 0)
			close(fd);
		ret;
	}), );
	a = kit_byzantine(&self->body, A);
	b = kit_byzantine(&self->body, B);
	ASSERT_LE(0, a);
	ASSERT_LE(0, b);
	to = kit_channel(&self->body, 0, 0, B);
	FOR_EACH_ALLOCATION(kit_record(a, &to, POP_RECORD_VIOLATION, "small", 5,
				       0), );
	to = kit_addr(&self->body, POP_PARTY_ANY);
	FOR_EACH_ALLOCATION(kit_record(a, &to, POP_RECORD_CLOSE, data,
				       sizeof(data), 0), );
	FOR_EACH_ALLOCATION(recv(b, data, sizeof(data), MSG_PEEK), );
	close(a);
	close(b);
}

/* The lines of the module's code: what allocates on their behalf fails. */
static void chance(int percent)
{
	char name[64], text[32];
	unsigned long start = 0, size = 0;
	FILE *f;

	f = fopen("/sys/module/pop/sections/.text", "re");
	if (!f || fscanf(f, "%lx", &start) != 1)
		abort();
	fclose(f);
	f = fopen("/proc/modules", "re");
	while (f && fscanf(f, "%63s %lu%*[^\n]", name, &size) == 2)
		if (!strcmp(name, "pop"))
			break;
	fclose(f);
	snprintf(text, sizeof(text), "%#lx", start);
	put("/sys/kernel/debug/failslab/require-start", text);
	snprintf(text, sizeof(text), "%#lx", start + size);
	put("/sys/kernel/debug/failslab/require-end", text);
	put("/sys/kernel/debug/failslab/stacktrace-depth", "32");
	put("/sys/kernel/debug/failslab/times", "-1");
	put("/sys/kernel/debug/failslab/task-filter", "N");
	snprintf(text, sizeof(text), "%d", percent);
	put("/sys/kernel/debug/failslab/probability", text);
}

TEST_F_TIMEOUT(fail, fail__by_chance, 250)
{
	static char big[65536];
	long no_memory;
	int round, i;

	for (round = 0; round < 20; round++) {
		struct sockaddr_pop to = kit_addr(&self->body, POP_PARTY_ANY);
		int a, b, c, d;

		chance(0);
		ASSERT_EQ(0, kit_load(&self->k, &self->body));
		a = kit_socket(&self->body, A);
		b = kit_socket(&self->body, B);
		c = kit_byzantine(&self->body, A);
		d = kit_byzantine(&self->body, B);
		chance(20);
		for (i = 0; i < 20; i++) {
			kit_send(a, &self->body, 0, 0, B, big, 100 * i,
				 MSG_DONTWAIT);
			kit_send(a, &self->body, 0, 1, POP_PARTY_ANY, big,
				 3000 * i, MSG_DONTWAIT);
			recv(b, big, sizeof(big), MSG_DONTWAIT);
			kit_record(c, &to, POP_RECORD_CLOSE, big, 10 * i, 0);
			recv(d, big, sizeof(big), MSG_DONTWAIT);
		}
		chance(0);
		close(a);
		close(b);
		close(c);
		close(d);
		/* With messages held and halves waiting. */
		ASSERT_EQ(0, kit_contract_cmd(&self->k, POP_CMD_CONTRACT_DEL,
					      HASH));
	}
	no_memory = kit_counter("PopRxNoMemory");
	EXPECT_LT(0, no_memory);
}

/* A network namespace comes to be, with all that is the module's, or not at all. */
TEST_F_TIMEOUT(fail, fail__namespace, 250)
{
	int round, failed = 0, made = 0;

	for (round = 0; round < 100; round++) {
		chance(8);
		if (unshare(CLONE_NEWNET)) {
			ASSERT_EQ(ENOMEM, errno);
			failed++;
		} else {
			made++;
		}
		chance(0);
	}
	TH_LOG("%d failed, %d did not", failed, made);
	EXPECT_LT(0, failed);
	EXPECT_LT(0, made);
	ASSERT_EQ(0, kit_netns());
	EXPECT_EQ(0, kit_counter("PopRxUnits"));
}

TEST_HARNESS_MAIN
