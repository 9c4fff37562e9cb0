// SPDX-License-Identifier: GPL-2.0
/* Module and network namespaces: what is made, in which order. */

#include <linux/module.h>
#include <linux/random.h>
#include <net/netns/generic.h>

#include "carrier.h"
#include "netlink.h"
#include "pending.h"
#include "proc.h"
#include "slot.h"
#include "socket.h"

int pop_family = AF_POP;
module_param_named(family, pop_family, int, 0444);
MODULE_PARM_DESC(family, "address family number, if 18 is taken");

struct workqueue_struct *pop_wq;

static unsigned int pop_net_id __ro_after_init;

struct pop_net *pop_net(const struct net *net)
{
	return net_generic(net, pop_net_id);
}

static int __net_init pop_net_init(struct net *net)
{
	struct pop_net *pn = pop_net(net);
	int ret;

	pn->net = net;
	mutex_init(&pn->lock);
	xa_init(&pn->order);
	INIT_LIST_HEAD(&pn->requests);
	INIT_HLIST_HEAD(&pn->sockets);
	pop_share_init(&pn->share);
	pop_pending_init_net(pn);
	spin_lock_init(&pn->requests_lock);
	spin_lock_init(&pn->sockets_lock);
	pn->carrier.port = htons(POP_DEFAULT_PORT);
	/* so that an answer from before a restart matches no question */
	atomic64_set(&pn->state_id, get_random_u64());

	pn->mib = alloc_percpu(struct pop_mib);
	if (!pn->mib)
		return -ENOMEM;
	ret = rhashtable_init(&pn->contracts, &pop_contract_params);
	if (ret)
		goto err_mib;
	ret = pop_cid_init(pn);
	if (ret)
		goto err_contracts;
	ret = pop_proc_init(pn);
	if (ret)
		goto err_cids;
	return 0;

err_cids:
	pop_cid_exit(pn);
err_contracts:
	rhashtable_destroy(&pn->contracts);
err_mib:
	free_percpu(pn->mib);
	return ret;
}

/*
 * Sockets of the namespace are gone, for they hold it; so are netlink callers.
 * Contracts may be left, and with them the carrier, units on their way in, and
 * work. Once those have ended nothing looks at the namespace any more.
 */
static void __net_exit pop_net_exit(struct net *net)
{
	struct pop_net *pn = pop_net(net);
	struct pop_contract *c;
	unsigned long number;

	pop_proc_exit(pn);
	mutex_lock(&pn->lock);
	xa_for_each(&pn->order, number, c)
		pop_contract_del(c);
	mutex_unlock(&pn->lock);
	/* of dead members nothing is sent */
	cancel_delayed_work_sync(&pn->share.work);

	/* members free themselves, then their contracts, each after RCU */
	rcu_barrier();
	flush_workqueue(pop_wq);
	rcu_barrier();
	flush_workqueue(pop_wq);

	WARN_ON(atomic_long_read(&pn->pending));
	WARN_ON(atomic_long_read(&pn->kept));
	WARN_ON(atomic_long_read(&pn->relayed));
	pop_cid_exit(pn);
	rhashtable_destroy(&pn->contracts);
	free_percpu(pn->mib);
}

static struct pernet_operations pop_net_ops = {
	.init	= pop_net_init,
	.exit	= pop_net_exit,
	.id	= &pop_net_id,
	.size	= sizeof(struct pop_net),
};

static int __init pop_init(void)
{
	int ret;

	pop_wq = alloc_workqueue("pop", WQ_UNBOUND, 0);
	if (!pop_wq)
		return -ENOMEM;
	ret = pop_pending_init();
	if (ret)
		goto err_wq;
	ret = pop_contract_init();
	if (ret)
		goto err_pending;
	ret = pop_rx_init();
	if (ret)
		goto err_contract;
	/*
	 * A device, so that its exit comes before that of the devices: the
	 * carrier's sockets and routes hold some.
	 */
	ret = register_pernet_device(&pop_net_ops);
	if (ret)
		goto err_rx;
	ret = pop_netlink_init();
	if (ret)
		goto err_pernet;
	/* last: from here on there are users */
	ret = pop_socket_init();
	if (ret) {
		/* of EEXIST modprobe thinks that we are loaded already */
		if (ret == -EEXIST) {
			pr_err("pop: family %d is taken: load with family=N\n",
			       pop_family);
			ret = -EBUSY;
		}
		goto err_netlink;
	}
	return 0;

err_netlink:
	pop_netlink_exit();
err_pernet:
	unregister_pernet_device(&pop_net_ops);
err_rx:
	pop_rx_exit();
err_contract:
	pop_contract_exit();
err_pending:
	pop_pending_exit();
err_wq:
	destroy_workqueue(pop_wq);
	return ret;
}

static void __exit pop_exit(void)
{
	pop_socket_exit();
	pop_netlink_exit();
	unregister_pernet_device(&pop_net_ops);
	/* sockets and members that were freed by RCU */
	rcu_barrier();
	destroy_workqueue(pop_wq);
	pop_rx_exit();
	pop_contract_exit();
	pop_pending_exit();
}

module_init(pop_init);
module_exit(pop_exit);

MODULE_DESCRIPTION("Proof of Participation: messaging by contract");
MODULE_AUTHOR("PoP for Linux");
MODULE_LICENSE("GPL");
MODULE_VERSION(POP_MODULE_VERSION);
/* the macro needs a number: that of AF_POP */
MODULE_ALIAS_NETPROTO(18);
MODULE_ALIAS_GENL_FAMILY(POP_GENL_NAME);
