// Package check holds the deployment files to the schemas of Kubernetes and Compose. It is a module of its
// own, so that neither's libraries are dependencies of Frontdesk.
package check

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// kinds are the objects that the manifests may hold.
func kinds() map[string]func() any {
	return map[string]func() any{
		"v1/Namespace":                           func() any { return new(corev1.Namespace) },
		"v1/ConfigMap":                           func() any { return new(corev1.ConfigMap) },
		"v1/Secret":                              func() any { return new(corev1.Secret) },
		"v1/Service":                             func() any { return new(corev1.Service) },
		"v1/PersistentVolumeClaim":               func() any { return new(corev1.PersistentVolumeClaim) },
		"apps/v1/Deployment":                     func() any { return new(appsv1.Deployment) },
		"batch/v1/Job":                           func() any { return new(batchv1.Job) },
		"policy/v1/PodDisruptionBudget":          func() any { return new(policyv1.PodDisruptionBudget) },
		"autoscaling/v2/HorizontalPodAutoscaler": func() any { return new(autoscalingv2.HorizontalPodAutoscaler) },
		"networking.k8s.io/v1/NetworkPolicy":     func() any { return new(networkingv1.NetworkPolicy) },
	}
}

// manifests reads every object of ../kubernetes strictly: an unknown field, a field that comes twice and a
// value of the wrong type are errors.
func manifests(t *testing.T) (out []any) {
	t.Helper()
	files, err := filepath.Glob("../kubernetes/*.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d manifests, %v", len(files), err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		docs := utilyaml.NewYAMLReader(bufioReader(raw))
		for {
			doc, err := docs.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", f, err)
			}
			var kind metav1.TypeMeta
			if err := yaml.Unmarshal(doc, &kind); err != nil {
				t.Fatalf("%s: %v", f, err)
			}
			fresh, known := kinds()[kind.APIVersion+"/"+kind.Kind]
			if !known {
				t.Errorf("%s: %s %s is of no kind that is used here", f, kind.APIVersion, kind.Kind)
				continue
			}
			object := fresh()
			if err := yaml.UnmarshalStrict(doc, object); err != nil {
				t.Errorf("%s: %s: %v", f, kind.Kind, err)
			}
			out = append(out, object)
		}
	}
	return out
}

// pods are the pod templates by component.
func pods(objects []any) map[string]corev1.PodTemplateSpec {
	out := map[string]corev1.PodTemplateSpec{}
	for _, o := range objects {
		switch o := o.(type) {
		case *appsv1.Deployment:
			out[o.Name] = o.Spec.Template
		case *batchv1.Job:
			out[o.Name] = o.Spec.Template
		}
	}
	return out
}

func TestManifestsAreOfTheSchema(t *testing.T) {
	objects := manifests(t)
	templates := pods(objects)
	for _, name := range []string{"frontdesk-migrate", "frontdesk-intake", "frontdesk-work", "frontdesk-desk"} {
		if _, there := templates[name]; !there {
			t.Errorf("no %s", name)
		}
	}
	for name, p := range templates {
		safe(t, name, p.Spec)
		if name != "frontdesk-migrate" {
			probed(t, name, p.Spec.Containers[0])
		}
	}
	selected(t, objects, templates)
}

// safe wants what the restricted profile of the pod security standards wants, and limits.
func safe(t *testing.T, name string, p corev1.PodSpec) {
	t.Helper()
	c := p.Containers[0]
	s := c.SecurityContext
	switch {
	case p.SecurityContext == nil || p.SecurityContext.RunAsNonRoot == nil || !*p.SecurityContext.RunAsNonRoot:
		t.Errorf("%s may run as root", name)
	case s == nil || s.ReadOnlyRootFilesystem == nil || !*s.ReadOnlyRootFilesystem || s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation || len(s.Capabilities.Drop) == 0:
		t.Errorf("%s has more rights than it needs", name)
	case c.Resources.Limits.Memory().IsZero() || c.Resources.Requests.Memory().IsZero():
		t.Errorf("%s has no limit of memory", name)
	}
	names := map[string]bool{}
	for _, v := range p.Volumes {
		names[v.Name] = true
	}
	for _, m := range c.VolumeMounts {
		if !names[m.Name] {
			t.Errorf("%s mounts %s, which is no volume", name, m.Name)
		}
	}
}

// TestTheDataDirectoryIsMadeByTheProcess: a volume of Kubernetes is open to everybody and belongs to root, and a start
// refuses such a folder.
func TestTheDataDirectoryIsMadeByTheProcess(t *testing.T) {
	for name, p := range pods(manifests(t)) {
		c := p.Spec.Containers[0]
		i := slices.IndexFunc(c.Env, func(e corev1.EnvVar) bool { return e.Name == "FRONTDESK_DATA_DIR" })
		if i < 0 || !slices.ContainsFunc(c.VolumeMounts, func(m corev1.VolumeMount) bool {
			return !m.ReadOnly && filepath.Dir(c.Env[i].Value) == m.MountPath
		}) {
			t.Errorf("%s has a data directory that is no folder in a volume", name)
		}
	}
}

// probed wants probes on a port that is there.
func probed(t *testing.T, name string, c corev1.Container) {
	t.Helper()
	for what, p := range map[string]*corev1.Probe{"liveness": c.LivenessProbe, "readiness": c.ReadinessProbe, "startup": c.StartupProbe} {
		if p == nil || p.HTTPGet == nil || !slices.ContainsFunc(c.Ports, func(port corev1.ContainerPort) bool { return port.Name == p.HTTPGet.Port.StrVal }) {
			t.Errorf("%s has no %s probe on a port of its own", name, what)
		}
	}
	if !slices.Contains(c.Args, "--migrate=false") {
		t.Errorf("%s would migrate", name)
	}
}

// selected wants that services, budgets and the scaler find pods.
func selected(t *testing.T, objects []any, templates map[string]corev1.PodTemplateSpec) {
	t.Helper()
	found := func(what string, labels map[string]string, port string) {
		for _, p := range templates {
			fits := len(labels) > 0
			for k, v := range labels {
				fits = fits && p.Labels[k] == v
			}
			if fits && (port == "" || slices.ContainsFunc(p.Spec.Containers[0].Ports, func(c corev1.ContainerPort) bool { return c.Name == port })) {
				return
			}
		}
		t.Errorf("%s selects no pod with port %q", what, port)
	}
	for _, o := range objects {
		switch o := o.(type) {
		case *corev1.Service:
			for _, p := range o.Spec.Ports {
				found("service "+o.Name, o.Spec.Selector, p.TargetPort.StrVal)
			}
		case *policyv1.PodDisruptionBudget:
			found("budget "+o.Name, o.Spec.Selector.MatchLabels, "")
		case *networkingv1.NetworkPolicy:
			if len(o.Spec.PodSelector.MatchLabels) == 0 {
				continue // all pods
			}
			found("policy "+o.Name, o.Spec.PodSelector.MatchLabels, "")
		case *autoscalingv2.HorizontalPodAutoscaler:
			if _, there := templates[o.Spec.ScaleTargetRef.Name]; !there {
				t.Errorf("the scaler %s scales nothing", o.Name)
			}
		}
	}
}

// TestSecretsAreThere: every key that a pod asks for is in the Secret.
func TestSecretsAreThere(t *testing.T) {
	objects := manifests(t)
	keys := map[string]bool{}
	for _, o := range objects {
		if s, ok := o.(*corev1.Secret); ok {
			for k, v := range s.StringData {
				keys[k] = true
				if !strings.Contains(v, "REPLACE") && k != "relay_host" {
					t.Errorf("secret %s is no place holder", k)
				}
			}
		}
	}
	for name, p := range pods(objects) {
		for _, e := range p.Spec.Containers[0].Env {
			if e.ValueFrom != nil && !keys[e.ValueFrom.SecretKeyRef.Key] {
				t.Errorf("%s asks for secret %s", name, e.ValueFrom.SecretKeyRef.Key)
			}
		}
		for _, v := range p.Spec.Volumes {
			if v.Secret == nil {
				continue
			}
			for _, item := range v.Secret.Items {
				if !keys[item.Key] {
					t.Errorf("%s asks for secret %s", name, item.Key)
				}
			}
		}
	}
}

// TestWhoeverTakesInHasNoMasterKey: it faces the Internet, and records without being able to read.
func TestWhoeverTakesInHasNoMasterKey(t *testing.T) {
	for name, p := range pods(manifests(t)) {
		files := map[string]bool{}
		for _, v := range p.Spec.Volumes {
			if v.Secret == nil {
				continue
			}
			if len(v.Secret.Items) == 0 {
				t.Errorf("%s mounts every secret", name)
			}
			for _, item := range v.Secret.Items {
				files[item.Key] = true
			}
		}
		for _, e := range append(p.Spec.Containers[0].EnvFrom, corev1.EnvFromSource{}) {
			if e.SecretRef != nil {
				t.Errorf("%s has every secret in its environment", name)
			}
		}
		for _, e := range p.Spec.Containers[0].Env {
			if e.ValueFrom != nil && e.ValueFrom.SecretKeyRef != nil {
				files[e.ValueFrom.SecretKeyRef.Key] = true
			}
		}
		if intake := name == "frontdesk-intake"; files["master_key"] == intake || files["intake_key"] != intake {
			t.Errorf("%s has %v: the master key is for those that read, the intake key for the one that takes in", name, files)
		}
	}
}

// TestASlipIsFound: the check can fail.
func TestASlipIsFound(t *testing.T) {
	for name, doc := range map[string]string{
		"an unknown field": "apiVersion: v1\nkind: Service\nspec: {port: []}\n",
		"a wrong type":     "apiVersion: v1\nkind: Service\nspec: {ports: 80}\n",
		"a field twice":    "apiVersion: v1\nkind: Service\nspec: {}\nspec: {}\n",
	} {
		if yaml.UnmarshalStrict([]byte(doc), new(corev1.Service)) == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

// pinned says of an image whether its content is fixed: by a digest, or by FRONTDESK_IMAGE, which no registry can serve and which
// docs/scale-out.md has replaced by a name with a digest.
var pinned = regexp.MustCompile(`^(FRONTDESK_IMAGE|[a-z0-9][a-z0-9./:_-]*@sha256:[0-9a-f]{64})$`).MatchString

// demanded is a variable of Compose that has no default and says how to fill it.
var demanded = regexp.MustCompile(`^\$\{[A-Z_]+:\?name it with its digest in \.env - [a-z]+:[0-9a-z.-]+@sha256:…\}$`).MatchString

func TestImagesAreNamedByTheirContent(t *testing.T) {
	for image, want := range map[string]bool{"frontdesk": false, "frontdesk:0.1.0": false, "registry.example/frontdesk:latest": false, "frontdesk@sha256:REPLACE": false,
		"registry.example/frontdesk@sha256:" + strings.Repeat("5a", 32): true, "FRONTDESK_IMAGE": true, "FRONTDESK_IMAGE:1": false, "": false} {
		if pinned(image) != want {
			t.Errorf("%q is pinned: %v, want %v", image, !want, want)
		}
	}
	for name, p := range pods(manifests(t)) {
		for _, c := range append(p.Spec.InitContainers, p.Spec.Containers...) {
			if !pinned(c.Image) {
				t.Errorf("%s runs %s, which may be another tomorrow", name, c.Image)
			}
		}
	}
	var file struct {
		Services map[string]struct {
			Image string
			Build struct{ Args map[string]string }
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, "../compose.yaml")), &file); err != nil {
		t.Fatal(err)
	}
	for name, s := range file.Services {
		if built := s.Build.Args["GO_IMAGE"]; !demanded(s.Image) && !demanded(built) {
			t.Errorf("%s runs %q, built upon %q; want a variable without a default", name, s.Image, built)
		}
	}
	for line := range strings.Lines(read(t, "../Dockerfile")) {
		word, image, _ := strings.Cut(strings.TrimSpace(line), " ")
		if image, _, _ = strings.Cut(image, " "); word == "FROM" && image != "scratch" && image != "${GO_IMAGE}" || word == "ARG" && strings.Contains(line, "=") {
			t.Errorf("the image is built upon something that may be another tomorrow: %s", line)
		}
	}
}

func composeVariables() map[string]string {
	image := "registry.example/x@sha256:" + strings.Repeat("5a", 32)
	return map[string]string{"POSTGRES_PASSWORD": "test", "REDIS_PASSWORD": "test", "RELAY_HOST": "relay.example", "RELAY_USER": "test",
		"GO_IMAGE": image, "POSTGRES_IMAGE": image, "REDIS_IMAGE": image}
}

// TestComposeStartsWithNothingOfItsOwn: whatever is missing is asked for; no password and no image has a default.
func TestComposeStartsWithNothingOfItsOwn(t *testing.T) {
	load := func(env map[string]string) error {
		_, err := loader.LoadWithContext(t.Context(), types.ConfigDetails{WorkingDir: t.TempDir(), Environment: env,
			ConfigFiles: []types.ConfigFile{{Filename: "compose.yaml", Content: []byte(read(t, "../compose.yaml"))}}}, func(o *loader.Options) { o.SetProjectName("frontdesk", true) })
		return err
	}
	if err := load(composeVariables()); err != nil {
		t.Fatal(err)
	}
	for name := range composeVariables() {
		for _, how := range []string{"missing", "empty"} {
			env := composeVariables()
			if delete(env, name); how == "empty" {
				env[name] = ""
			}
			if err := load(env); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s %s: %v, want an error that names it", name, how, err)
			}
		}
	}
	if text := read(t, "../compose.yaml"); strings.Contains(text, ":-") || strings.Contains(strings.ToLower(text), "trust") {
		t.Error("a variable has a default, or somebody is trusted without a password")
	}
}

// TestConnectionsProveWhoAnswers: in both ways of deployment PostgreSQL and Redis are reached by TLS, with an authority that is named.
func TestConnectionsProveWhoAnswers(t *testing.T) {
	addresses := map[string][2]string{}
	for _, o := range manifests(t) {
		if s, ok := o.(*corev1.Secret); ok {
			addresses["Kubernetes"] = [2]string{s.StringData["database_url"], s.StringData["redis_url"]}
		}
	}
	var file struct {
		Frontdesk struct{ Environment map[string]string } `json:"x-frontdesk"`
	}
	if err := yaml.Unmarshal([]byte(read(t, "../compose.yaml")), &file); err != nil {
		t.Fatal(err)
	}
	addresses["Compose"] = [2]string{file.Frontdesk.Environment["DATABASE_URL"], file.Frontdesk.Environment["REDIS_URL"]}
	for name, a := range addresses {
		if !strings.HasSuffix(a[0], "?sslmode=verify-full&sslrootcert=/etc/frontdesk/ca.pem") {
			t.Errorf("%s: the database is at %s", name, a[0])
		}
		if !strings.HasPrefix(a[1], "rediss://:") {
			t.Errorf("%s: Redis is at %s", name, a[1])
		}
	}
	if len(addresses) != 2 || !strings.Contains(read(t, "../frontdesk.yaml"), "ca_file: /etc/frontdesk/ca.pem") {
		t.Error("the authority of Redis is not named")
	}
	for line := range strings.Lines(read(t, "../postgres/pg_hba.conf")) {
		if f := strings.Fields(line); len(f) > 0 && !strings.HasPrefix(f[0], "#") && f[0] != "local" && (f[0] != "hostssl" || f[len(f)-1] != "scram-sha-256") {
			t.Errorf("PostgreSQL takes from the network: %s", line)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestComposeFileIsOfTheSchema(t *testing.T) {
	env := composeVariables()
	load := func(change func([]byte) []byte) (*types.Project, error) {
		raw, err := os.ReadFile("../compose.yaml")
		if err != nil {
			t.Fatal(err)
		}
		dir, err := filepath.Abs("..")
		if err != nil {
			t.Fatal(err)
		}
		return loader.LoadWithContext(t.Context(), types.ConfigDetails{WorkingDir: dir, Environment: env,
			ConfigFiles: []types.ConfigFile{{Filename: filepath.Join(dir, "compose.yaml"), Content: change(raw)}}})
	}
	p, err := load(func(b []byte) []byte { return b })
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"intake", "work", "desk", "migrate"} {
		s, err := p.GetService(name)
		if err != nil {
			t.Fatal(err)
		}
		var secrets []string
		for _, secret := range s.Secrets {
			secrets = append(secrets, secret.Source)
		}
		if intake := name == "intake"; slices.Contains(secrets, "master_key") == intake || slices.Contains(secrets, "intake_key") != intake {
			t.Errorf("%s has %v: the master key is for those that read, the intake key for the one that takes in", name, secrets)
		}
		if !s.ReadOnly || s.User != "65532:65532" || s.Image == "" || len(s.Configs) != 2 || len(s.Secrets) != 3 {
			t.Errorf("%s: %+v", name, s)
		}
	}
	if _, err := load(func(b []byte) []byte { return bytes.Replace(b, []byte("read_only:"), []byte("readonly:"), 1) }); err == nil {
		t.Error("an unknown key is taken")
	}
}

func bufioReader(raw []byte) *bufio.Reader { return bufio.NewReader(bytes.NewReader(raw)) }
