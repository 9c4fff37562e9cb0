// SPDX-License-Identifier: GPL-2.0
/* Socket options of level SOL_POP. */

#include <linux/completion.h>
#include <linux/slab.h>

#include "slot.h"
#include "socket.h"
#include "state.h"

/* How long getsockopt(POP_STATE) waits when SO_RCVTIMEO says nothing. */
#define STATE_TIMEOUT	(5 * HZ)

const struct pop_filter pop_filter_any = {
	.phase = POP_PHASE_ANY,
	.action = POP_ACTION_ANY,
	.party = POP_PARTY_ANY,
	.seq = POP_SEQ_ANY,
};

/* Context: lock_sock(). Return: 0 or -ENOMEM. */
int pop_set_filter(struct pop_sock *ps, const struct pop_filter *filter)
{
	struct pop_sock_filter *f = NULL;

	if (memcmp(filter, &pop_filter_any, sizeof(*filter))) {
		f = kmalloc(sizeof(*f), GFP_KERNEL_ACCOUNT);
		if (!f)
			return -ENOMEM;
		f->filter = *filter;
	}
	f = rcu_replace_pointer(ps->filter, f, lockdep_sock_is_held(&ps->sk));
	kfree_rcu(f, rcu);
	return 0;
}

static int set_filter(struct pop_sock *ps, sockptr_t optval, unsigned int len)
{
	struct pop_filter filter;
	int ret;

	if (len != sizeof(filter))
		return -EINVAL;
	if (copy_from_sockptr(&filter, optval, sizeof(filter)))
		return -EFAULT;
	if (filter.pad)
		return -EINVAL;
	ret = pop_set_filter(ps, &filter);
	if (!ret && ps->member)
		pop_rx_deliver_held(ps->member);
	return ret;
}

static struct pop_filter get_filter(const struct pop_sock *ps)
{
	const struct pop_sock_filter *f;
	struct pop_filter filter;

	rcu_read_lock();
	f = rcu_dereference(ps->filter);
	filter = f ? f->filter : pop_filter_any;
	rcu_read_unlock();
	return filter;
}

int pop_setsockopt(struct socket *sock, int level, int option,
		   sockptr_t optval, unsigned int optlen)
{
	struct pop_sock *ps = pop_sk(sock->sk);
	int ret = -ENOPROTOOPT, value;

	if (level != SOL_POP)
		return -ENOPROTOOPT;
	lock_sock(&ps->sk);
	switch (option) {
	case POP_FILTER:
		ret = set_filter(ps, optval, optlen);
		break;
	case POP_RECVINFO:
		ret = -EINVAL;
		if (optlen < sizeof(value))
			break;
		ret = -EFAULT;
		if (copy_from_sockptr(&value, optval, sizeof(value)))
			break;
		WRITE_ONCE(ps->recvinfo, !!value);
		ret = 0;
		break;
	}
	release_sock(&ps->sk);
	return ret;
}

static int give(char __user *optval, int __user *optlen, int room,
		const void *value, int len)
{
	len = min(room, len);
	if (put_user(len, optlen) || copy_to_user(optval, value, len))
		return -EFAULT;
	return 0;
}

static void fill_info(const struct pop_member *m, struct pop_info *info)
{
	*info = (struct pop_info) {
		.contract_state = pop_member_state(m),
		.phase = READ_ONCE(m->phase),
		.inputs = m->nr_in,
		.inputs_done = atomic_read(&m->in_done),
		.outputs = m->nr_out,
		.outputs_done = atomic_read(&m->out_done),
		.minutes = atomic_read(&m->minutes),
		.minutes_total = m->minutes_total,
		.overdue = pop_member_flagged(m, POP_CHANNEL_F_OVERDUE),
		.violated = pop_member_flagged(m, POP_CHANNEL_F_VIOLATED),
		.late = pop_member_flagged(m, POP_CHANNEL_F_LATE),
		.voided = pop_member_flagged(m, POP_CHANNEL_F_VOID),
	};
}

/* Whoever reads POP_INFO has seen what EPOLLPRI tells of. */
static int get_info(struct pop_sock *ps, const struct pop_member *m,
		    char __user *optval, int __user *optlen, int room)
{
	int disputes = atomic_read_acquire(&m->disputes);
	struct pop_info info;
	int ret;

	fill_info(m, &info);
	ret = give(optval, optlen, room, &info, sizeof(info));
	if (!ret)
		WRITE_ONCE(ps->disputes, disputes);
	return ret;
}

/* A request that a socket call waits for; the answer is copied to @reply. */
struct waiter {
	struct pop_request	request;
	struct completion	done;
	struct pop_state_reply	*reply;
	bool			answered;
};

static void waiter_done(struct pop_request *r,
			const struct pop_state_answer *answer)
{
	struct waiter *w = container_of(r, struct waiter, request);

	if (answer) {
		memcpy(w->reply, answer->reply,
		       pop_state_room(be16_to_cpu(answer->reply->count)));
		w->answered = true;
	}
	complete(&w->done);
}

/* Return: 0 with the answer in @reply, or an error; see struct pop_state. */
static int ask(struct pop_peer *peer, const struct pop_state_query *q,
	       struct pop_state_reply *reply, long timeout)
{
	struct pop_net *pn = pop_member_net(peer->member);
	struct waiter w = {
		.request.peer = peer,
		.request.id = pop_state_id(pn),
		.request.query = *q,
		.request.done = waiter_done,
		.reply = reply,
	};
	long left;
	int ret;

	init_completion(&w.done);
	ret = pop_state_ask(&w.request);
	if (ret)
		return ret;
	left = wait_for_completion_interruptible_timeout(&w.done, timeout);
	if (left <= 0) {
		if (pop_state_cancel(pn, &w.request))
			return left ? sock_intr_errno(timeout) : -EAGAIN;
		/* answered at the last moment */
		wait_for_completion(&w.done);
	}
	return w.answered ? 0 : -ESHUTDOWN;
}

static int fetch_state(struct sock *sk, struct pop_member *m,
		       const struct pop_state *want,
		       struct pop_state_reply *reply)
{
	struct pop_state_query q = {
		.phase = want->phase,
		.first = want->first,
		.count = want->count,
		.direction = want->direction,
	};
	long timeout = sock_rcvtimeo(sk, false);

	if (want->party == m->party) {
		pop_state_fill(m, &q, reply, (u8 *)(reply + 1));
		return 0;
	}
	if (timeout == MAX_SCHEDULE_TIMEOUT)
		timeout = STATE_TIMEOUT;
	return ask(&m->peer[want->party], &q, reply, timeout);
}

static int get_state(struct sock *sk, char __user *optval, int __user *optlen,
		     int room)
{
	struct pop_member *m = READ_ONCE(pop_sk(sk)->member);
	struct pop_state_reply *reply;
	struct pop_state st, *result;
	u32 i, count;
	int ret;

	if (!m)
		return -ENOTCONN;
	if (room < (int)sizeof(st))
		return -EINVAL;
	if (copy_from_user(&st, optval, sizeof(st)))
		return -EFAULT;
	if (st.pad || st.pad2 || st.direction > POP_DIRECTION_OUTPUT ||
	    st.party >= m->contract->plan.nr_parties)
		return -EINVAL;
	st.count = min3((u32)st.count, (u32)(room - sizeof(st)),
			(u32)POP_STATE_MAX);

	reply = kzalloc(pop_state_room(st.count), GFP_KERNEL);
	result = kzalloc(sizeof(*result) + st.count, GFP_KERNEL);
	ret = -ENOMEM;
	if (!reply || !result)
		goto out;
	ret = fetch_state(sk, m, &st, reply);
	if (ret)
		goto out;

	count = be16_to_cpu(reply->count);
	*result = st;
	result->count = count;
	result->contract_state = reply->contract_state;
	result->phase_state = reply->phase_state;
	result->current_phase = be16_to_cpu(reply->phase);
	result->minutes = be32_to_cpu(reply->minutes);
	result->now = be64_to_cpu(reply->now);
	memcpy(result->root, reply->root, sizeof(result->root));
	for (i = 0; i < count; i++)
		result->states[i] = pop_state_of((u8 *)(reply + 1), i);
	ret = give(optval, optlen, room, result, sizeof(*result) + count);
out:
	kfree(result);
	kfree(reply);
	return ret;
}

int pop_getsockopt(struct socket *sock, int level, int option,
		   char __user *optval, int __user *optlen)
{
	struct pop_sock *ps = pop_sk(sock->sk);
	struct pop_member *m = READ_ONCE(ps->member);
	struct pop_filter filter;
	int room, value;

	if (level != SOL_POP)
		return -ENOPROTOOPT;
	if (get_user(room, optlen))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;

	switch (option) {
	case POP_FILTER:
		filter = get_filter(ps);
		return give(optval, optlen, room, &filter, sizeof(filter));
	case POP_RECVINFO:
		value = READ_ONCE(ps->recvinfo);
		return give(optval, optlen, room, &value, sizeof(value));
	case POP_INFO:
		if (!m)
			return -ENOTCONN;
		return get_info(ps, m, optval, optlen, room);
	case POP_STATE:
		return get_state(sock->sk, optval, optlen, room);
	}
	return -ENOPROTOOPT;
}
