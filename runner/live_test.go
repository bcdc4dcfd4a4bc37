package runner_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/features"
	"flowtest/mockserver"
	"flowtest/mockserver/testdata/shipped"
	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/internal/target"
	"flowtest/runner/internal/tenant/fake"
	"flowtest/runner/internal/tenant/local"
	"flowtest/runner/report"
)

// collector keeps every scenario of a run.
type collector struct {
	report.Discard

	plan      report.Plan
	scenarios []*report.Scenario
}

// Begin implements report.Reporter.
func (c *collector) Begin(p report.Plan) { c.plan = p }

// Scenario implements report.Reporter.
func (c *collector) Scenario(s *report.Scenario) { c.scenarios = append(c.scenarios, s) }

// verdicts writes the result of each scenario, a line each.
func (c *collector) verdicts() []string {
	var out []string
	for _, s := range c.scenarios {
		line := fmt.Sprintf("%s:%d %s %d hops", s.File, s.Line, s.Status, s.HopCount)
		if st := s.FailedStep(); st != nil {
			line += ": " + st.Error
		}
		out = append(out, line)
	}
	return out
}

func shippedFeatures() []runner.Source {
	return []runner.Source{{FS: features.Shipped(), Path: ".", Show: "features"}}
}

// authority is a CA made for the test, and a certificate of it for 127.0.0.1.
func authority(tb testing.TB) (caPEM []byte, leaf tls.Certificate) {
	tb.Helper()
	issue := func(subject string, parent *x509.Certificate, signer *ecdsa.PrivateKey) ([]byte, *ecdsa.PrivateKey) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		require.NoError(tb, err)
		c := &x509.Certificate{
			SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: subject},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
			KeyUsage: x509.KeyUsageDigitalSignature, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		}
		if parent == nil {
			c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign
			parent, signer = c, key
		}
		der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
		require.NoError(tb, err)
		return der, key
	}
	caDER, caKey := issue("flowtest test CA", nil, nil)
	ca, err := x509.ParseCertificate(caDER)
	require.NoError(tb, err)
	leafDER, leafKey := issue("127.0.0.1", ca, caKey)
	caPEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: caDER})
	return caPEM, tls.Certificate{Certificate: [][]byte{leafDER}, PrivateKey: leafKey}
}

// environment is a live side: the replay server over TLS on 127.0.0.1 with a tenant beside
// it, and a flowtest.yaml with a live target for it.
func environment(tb testing.TB, flows []*recordings.Flow, extra string) (config string) {
	tb.Helper()
	beside := &local.Tenant{}
	server, err := mockserver.New(mockserver.Config{Flows: flows, Users: target.Demo(), Observe: beside.Observe})
	require.NoError(tb, err)
	ca, leaf := authority(tb)
	policies := map[string]string{}
	for _, f := range flows {
		policies[f.Name] = f.Policy
	}
	var both http.Handler
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { both.ServeHTTP(w, r) }))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{leaf}, MinVersion: tls.VersionTLS12}
	s.StartTLS()
	tb.Cleanup(s.Close)
	both = beside.Open(local.Config{
		Tenant: fake.Config{
			Base: s.URL, Environment: mockserver.DefaultEnvironment, RedirectURI: "https://app.example.test/callback",
			Population: "flowtest", Period: 1, Policies: policies,
		},
		Users: target.Demo(), Flows: flows,
	}, server, server)

	var b strings.Builder
	extra += fmt.Sprintf("    worker: {clientId: %s, clientSecret: \"${WORKER_SECRET}\", apiUrl: \"%s/v1\"}\n"+
		"    population: flowtest\n    mail: {type: mailpit, url: \"%[2]s%s\"}\n", fake.WorkerID, s.URL, local.MailPath)
	fmt.Fprintf(&b, "target: staging\ntargets:\n  staging:\n    type: live\n    baseUrl: %s/%s/as\n"+
		"    clientId: ${FLOWTEST_CLIENT_ID}\n    redirectUri: https://app.example.test/callback\n    ca: ca.pem\n%s    flows:\n",
		s.URL, mockserver.DefaultEnvironment, extra)
	for _, f := range flows {
		fmt.Fprintf(&b, "      %s: %s\n", f.Name, f.Policy)
	}
	b.WriteString("    users:\n      alice:\n")
	for name, value := range target.Demo()["alice"] {
		if target.Secret(name) {
			value = "${ALICE_" + strings.ToUpper(name) + "}"
		}
		fmt.Fprintf(&b, "        %s: %q\n", name, value)
	}
	dir := tb.TempDir()
	require.NoError(tb, os.WriteFile(filepath.Join(dir, "ca.pem"), ca, 0o600))
	config = filepath.Join(dir, "flowtest.yaml")
	require.NoError(tb, os.WriteFile(config, []byte(b.String()), 0o600))
	return config
}

// lookup is the environment of the live side's user.
func lookup(name string) (string, bool) {
	if attribute, ok := strings.CutPrefix(name, "ALICE_"); ok {
		for n, value := range target.Demo()["alice"] {
			if strings.ToUpper(n) == attribute {
				return value, true
			}
		}
	}
	switch name {
	case "FLOWTEST_CLIENT_ID":
		return "live-client", true
	case "WORKER_SECRET":
		return fake.WorkerSecret, true
	}
	return "", false
}

func chosen(tb testing.TB, config string) *target.Target {
	tb.Helper()
	file, err := target.Load(os.DirFS(filepath.Dir(config)), filepath.Base(config), lookup)
	require.NoError(tb, err)
	live, err := file.Choose("")
	require.NoError(tb, err)
	return live
}

func TestLiveVerdictsEqualThoseOfReplay(t *testing.T) {
	t.Parallel()
	flows := shipped.Flows(t)
	run, replayed := allJudged(t)
	require.Equal(t, run.Total(), run.Counts[report.Passed], strings.Join(replayed.verdicts(), "\n"))
	driven := map[string]bool{}
	var written strings.Builder
	for _, s := range replayed.scenarios {
		driven[s.Flow] = true
		for _, st := range s.Steps {
			written.WriteString(st.Text + "\n")
		}
	}
	for _, f := range flows {
		assert.True(t, driven[f.Name], "no scenario drives the flow %q", f.Name)
	}
	for _, part := range []string{
		"in the same browser|start the flow again", "register a passkey", "exchange the code", "the platform \"ios\"",
		"a new user with a TOTP device", "the code from the email", "the user exists", "request headers", "I answer \"", "continue token", "I submit the form\n", "detailed responses", "sign off",
	} {
		assert.Regexp(t, part, written.String())
	}

	for name, extra := range map[string]string{
		"configured": "", "discovered, with pushed requests": "    discovery: true\n    par: true\n",
	} {
		t.Run(name, func(t *testing.T) {
			live := &collector{}
			run, err := (&runner.Suite{
				Rate:     10_000,
				Features: shippedFeatures(), Target: chosen(t, environment(t, flows, extra)), Reporter: live,
			}).Run(t.Context())
			require.NoError(t, err)
			assert.True(t, run.Plan.Live)
			assert.Equal(t, replayed.verdicts(), live.verdicts())
		})
	}
}

// Every platform gets the same verdicts over a wire as in a replay, where a target that
// pushes its requests changes none.
func TestEveryPlatformHasItsOwnScenarios(t *testing.T) {
	t.Parallel() // a live target gets its waits
	flows := shipped.Flows(t)
	verdicts := func(to *target.Target, platforms ...string) ([]string, *report.Run) {
		out := &collector{}
		run, err := (&runner.Suite{
			Rate: 10_000, Features: shippedFeatures(), Target: to, Recordings: flows, Reporter: out,
			// A code is never used twice: a second platform would wait for the next one.
			Tags:      "(@smoke or @forms) and not @totp",
			Platforms: platforms, Concurrency: 1,
		}).Run(t.Context())
		require.NoError(t, err)
		texts := out.verdicts()
		for i, s := range out.scenarios {
			texts[i] += " " + s.Platform
		}
		return texts, run
	}
	replay := runner.Replay()
	want, run := verdicts(replay, "javascript", "android", "ios")
	assert.Equal(t, run.Total(), run.Counts[report.Passed], strings.Join(want, "\n"))
	for i, platform := range []string{"javascript", "android", "ios"} {
		assert.True(t, strings.HasSuffix(want[i], " "+platform), want[i])
	}
	one, run := verdicts(replay, "ios")
	assert.Len(t, want, 3*len(one))
	assert.Contains(t, run.Plan.Where, "as ios", "one platform is said once")
	assert.False(t, strings.HasSuffix(one[0], " ios"), one[0])

	live, _ := verdicts(chosen(t, environment(t, flows, "    par: true\n")), "javascript", "android", "ios")
	assert.Equal(t, want, live)
	replay.PAR = true
	again, _ := verdicts(replay, "ios")
	assert.Equal(t, one, again)

	_, err := (&runner.Suite{Features: shippedFeatures(), Target: replay, Recordings: flows, Platforms: []string{"web"}}).Run(t.Context())
	require.EqualError(t, err, `"web" is not a platform, want javascript, android or ios`)
}

func TestALiveSideThatIsNotTrustedIsTheEnvironmentsFault(t *testing.T) {
	config := environment(t, shipped.Flows(t), "")
	other, _ := authority(t)
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(config), "ca.pem"), other, 0o600))
	live := &collector{}
	run, err := (&runner.Suite{
		Rate:     10_000,
		Features: shippedFeatures(), Name: "^Alice signs on$", Target: chosen(t, config), Reporter: live,
	}).Run(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, run.Counts[report.Failed])
	assert.Equal(t, 1, run.Environment)
	assert.Contains(t, live.scenarios[0].FailedStep().Error, "x509: ")
}
