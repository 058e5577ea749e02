package check

import (
	"net/netip"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// place is one end of a connection: a pod with the labels of its namespace, or an address outside of the cluster.
type place struct {
	namespace, pod map[string]string
	address        string
}

func outside(address string) place { return place{address: address} }

// namespace is any pod of a namespace with one label.
func namespace(label, value string) place {
	return place{namespace: map[string]string{label: value}, pod: map[string]string{}}
}

// own is a pod of Frontdesk, in its namespace as it is in the manifests.
func own(t *testing.T, objects []any, component string) place {
	t.Helper()
	for _, o := range objects {
		if n, ok := o.(*corev1.Namespace); ok {
			labels := map[string]string{"kubernetes.io/metadata.name": n.Name}
			for k, v := range n.Labels {
				labels[k] = v
			}
			return place{namespace: labels, pod: pods(objects)["frontdesk-"+component].Labels}
		}
	}
	t.Fatal("there is no namespace")
	return place{}
}

func matches(t *testing.T, s *metav1.LabelSelector, have map[string]string) bool {
	t.Helper()
	selector, err := metav1.LabelSelectorAsSelector(s)
	if err != nil {
		t.Fatal(err)
	}
	return selector.Matches(labels.Set(have))
}

// is reports whether a peer of a policy means a place. The policies are all in Frontdesk's namespace, whose own pods a peer without
// a namespace selector means.
func is(t *testing.T, p networkingv1.NetworkPolicyPeer, at place, here map[string]string) bool {
	t.Helper()
	if p.IPBlock != nil {
		if at.address == "" {
			return true // a pod has an address too, and nobody knows which
		}
		ip := netip.MustParseAddr(at.address)
		for _, e := range p.IPBlock.Except {
			if netip.MustParsePrefix(e).Contains(ip) {
				return false
			}
		}
		return netip.MustParsePrefix(p.IPBlock.CIDR).Contains(ip)
	}
	if at.address != "" {
		return false
	}
	if p.NamespaceSelector == nil && !matches(t, metav1.SetAsLabelSelector(here), at.namespace) {
		return false
	}
	return (p.NamespaceSelector == nil || matches(t, p.NamespaceSelector, at.namespace)) && (p.PodSelector == nil || matches(t, p.PodSelector, at.pod))
}

// listed reports whether a rule means a place and a port. Without peers or ports it means all of them.
func listed(t *testing.T, peers []networkingv1.NetworkPolicyPeer, ports []networkingv1.NetworkPolicyPort, at place, port int32, here map[string]string) bool {
	t.Helper()
	found := len(peers) == 0
	for _, p := range peers {
		found = found || is(t, p, at, here)
	}
	open := len(ports) == 0
	for _, p := range ports {
		open = open || p.Port == nil || p.Port.IntVal == port && p.EndPort == nil
	}
	return found && open
}

// allowed reports what the policies say of a pod: with another place, on a port, in one direction.
func allowed(t *testing.T, objects []any, pod, other place, port int32, way networkingv1.PolicyType) bool {
	t.Helper()
	closed, open := false, false
	for _, o := range objects {
		p, ok := o.(*networkingv1.NetworkPolicy)
		if !ok || !matches(t, &p.Spec.PodSelector, pod.pod) {
			continue
		}
		for _, kind := range p.Spec.PolicyTypes {
			closed = closed || kind == way
		}
		if way == networkingv1.PolicyTypeIngress {
			for _, r := range p.Spec.Ingress {
				open = open || listed(t, r.From, r.Ports, other, port, pod.namespace)
			}
			continue
		}
		for _, r := range p.Spec.Egress {
			open = open || listed(t, r.To, r.Ports, other, port, pod.namespace)
		}
	}
	return open || !closed
}

// TestWhoMayTalkToWhom asks the policies about every pair that matters.
func TestWhoMayTalkToWhom(t *testing.T) {
	objects := manifests(t)
	proxy, operators, metrics := namespace("frontdesk.example/proxy", "true"), namespace("frontdesk.example/operators", "true"), namespace("frontdesk.example/metrics", "true")
	agents := namespace("frontdesk.example/agents", "true")
	database, queue, stranger := namespace("frontdesk.example/database", "true"), namespace("frontdesk.example/redis", "true"), namespace("kubernetes.io/metadata.name", "shop")
	names := namespace("kubernetes.io/metadata.name", "kube-system")
	names.pod = map[string]string{"k8s-app": "kube-dns"}
	mail, cloud, inside := outside("203.0.113.25"), outside("169.254.169.254"), outside("10.1.2.3")
	for component, want := range map[string]struct {
		in, out []link
	}{
		"intake":  {in: []link{{proxy, 8080}, {mail, 2525}, {inside, 2525}, {cloud, 2525}, {metrics, 8081}}, out: []link{{names, 53}, {database, 5432}, {queue, 6379}, {mail, 993}, {mail, 443}}},
		"work":    {in: []link{{metrics, 8081}}, out: []link{{names, 53}, {database, 5432}, {queue, 6379}, {mail, 465}, {mail, 587}, {mail, 443}}},
		"desk":    {in: []link{{operators, 8081}, {agents, 8082}}, out: []link{{names, 53}, {database, 5432}, {queue, 6379}}},
		"migrate": {out: []link{{names, 53}, {database, 5432}}},
	} {
		pod := own(t, objects, component)
		for _, way := range []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress} {
			may := want.in
			if way == networkingv1.PolicyTypeEgress {
				may = want.out
			}
			for name, other := range map[string]place{"the proxy": proxy, "the operators": operators, "the agents": agents, "the metrics": metrics, "the database": database, "Redis": queue,
				"the names": names, "a stranger's pod": stranger, "the Internet": mail, "the cloud's own address": cloud, "the inner network": inside} {
				for _, port := range []int32{22, 25, 53, 80, 443, 465, 587, 993, 2525, 5432, 6379, 8080, 8081, 8082} {
					got, wanted := allowed(t, objects, pod, other, port, way), lists(may, other, port)
					if other.address == "" && got && !wanted && lists(may, mail, port) {
						continue // a pod is meant by its address, where the whole Internet is; its own policy closes it
					}
					if got != wanted {
						t.Errorf("%s, %s, %s, port %d: %v, want %v", component, way, name, port, got, wanted)
					}
				}
			}
		}
	}
}

// link is one connection.
type link struct {
	with place
	port int32
}

func lists(links []link, with place, port int32) bool {
	for _, l := range links {
		same := l.with.address == with.address && len(l.with.namespace) == len(with.namespace)
		for k, v := range l.with.namespace {
			same = same && with.namespace[k] == v
		}
		if same && l.port == port {
			return true
		}
	}
	return false
}

// TestNoPodReachesTheControlOfAnother: the port with the operator's pages and metrics takes no pod of Frontdesk.
func TestNoPodReachesTheControlOfAnother(t *testing.T) {
	objects := manifests(t)
	components := []string{"intake", "work", "desk", "migrate"}
	for _, from := range components {
		for _, to := range components {
			for _, port := range []int32{8080, 8081, 8082} {
				if allowed(t, objects, own(t, objects, to), own(t, objects, from), port, networkingv1.PolicyTypeIngress) {
					t.Errorf("%s takes %s on port %d", to, from, port)
				}
				if allowed(t, objects, own(t, objects, from), own(t, objects, to), port, networkingv1.PolicyTypeEgress) {
					t.Errorf("%s may go to %s on port %d", from, to, port)
				}
			}
		}
	}
	without := []any{}
	for _, o := range objects {
		if _, ok := o.(*networkingv1.NetworkPolicy); !ok {
			without = append(without, o)
		}
	}
	if !allowed(t, without, own(t, without, "desk"), own(t, without, "intake"), 8081, networkingv1.PolicyTypeIngress) {
		t.Error("without policies everything is open: the check looks at something else")
	}
}
