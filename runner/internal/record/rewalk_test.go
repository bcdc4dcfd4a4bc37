package record_test

import (
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/runner/internal/learn"
	"flowtest/steps/davinci"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/internal/record"
	"flowtest/runner/internal/target"
	"flowtest/steps/generated"
)

// named returns the flow of that name.
func named(flows []*recordings.Flow, name string) *recordings.Flow {
	return flows[slices.IndexFunc(flows, func(f *recordings.Flow) bool { return f.Name == name })]
}

// stagingOf is a live target whose requests reach a mock server.
func stagingOf(t *testing.T, flows []*recordings.Flow) *target.Target {
	t.Helper()
	server, err := mockserver.New(mockserver.Config{Flows: flows, Users: target.Demo()})
	require.NoError(t, err)
	up := httptest.NewUnstartedServer(server)
	up.StartTLS()
	t.Cleanup(up.Close)
	live := &target.Live{
		Authorize: up.URL + "/" + mockserver.DefaultEnvironment + "/as/authorize", ClientID: "app",
		RedirectURI: "https://app.example.com/callback", CA: x509.NewCertPool(), Flows: map[string]string{},
	}
	live.CA.AddCert(up.Certificate())
	for _, f := range flows {
		live.Flows[f.Name] = f.Policy
	}
	users := map[string]target.User{"alice": target.NewUser(target.Demo()["alice"])}
	return &target.Target{Name: "staging", Users: users, Live: live}
}

// Every hop is driven from every screen that it leaves, as often as Times says, and is
// answered as it was recorded: the failures of a flow are answers like others. What is learned
// of that keeps the requests.
func TestRewalkDrivesEveryHopFromEveryScreen(t *testing.T) {
	t.Parallel()
	flows := shipped.Flows(t)
	to := stagingOf(t, flows)
	walk := &record.Rewalk{Target: to, User: "alice", Rate: 10000, Codes: generated.Ledger{Ahead: true}}
	r := &record.Recorder{Target: to, Fresh: true, Tool: "flowtest test"}
	for _, f := range flows {
		journeys, notes, err := walk.Drive(t.Context(), f)
		require.NoError(t, err, f.Name)
		assert.Empty(t, notes, f.Name)
		r.Generated = walk.Generated
		keepsRequests(t, r, f, journeys)
		screens := map[string]*recordings.Hop{}
		seen := map[[2]string]int{}
		for _, h := range f.Hops {
			screens[h.Name] = h.Screen()
		}
		for _, journey := range journeys {
			at := ""
			for _, x := range journey {
				seen[[2]string{at, x.Hop}]++
				if s := screens[x.Hop]; s != nil {
					at = s.Name
				}
			}
		}
		for _, h := range f.Hops {
			if h.Starts() {
				assert.GreaterOrEqual(t, seen[[2]string{"", h.Name}], 2, "%s: %s", f.Name, h.Name)
			}
			for _, from := range h.From {
				assert.GreaterOrEqual(t, seen[[2]string{from.Name, h.Name}], 2, "%s: %s from %s", f.Name, h.Name, from.Name)
			}
		}
	}
}

// keepsRequests checks that what is learned of a walk keeps the requests of the recording.
func keepsRequests(t *testing.T, r *record.Recorder, f *recordings.Flow, journeys []davinci.Exchanges) {
	t.Helper()
	got, err := r.Relearn(f, journeys)
	require.NoError(t, err, f.Name)
	var want, have []string
	for _, h := range f.Hops {
		want = append(want, h.Request.Key())
	}
	for _, h := range got.Flow.Hops {
		have = append(have, h.Request.Key())
	}
	slices.Sort(want)
	slices.Sort(have)
	// An end to which several screens lead is learned once for each.
	assert.Equal(t, slices.Compact(want), slices.Compact(have), f.Name)
	assert.Equal(t, f.Client, got.Flow.Client)
	assert.Equal(t, "custom domain", got.Flow.Meta.Region)
}

func TestRewalkSaysWhatIsWrongWithTheTarget(t *testing.T) {
	t.Parallel()
	flows := shipped.Flows(t)
	to := stagingOf(t, flows)
	_, _, err := (&record.Rewalk{Target: to, User: "bob"}).Drive(t.Context(), flows[0])
	require.EqualError(t, err, `the target "staging" has no user "bob", it has alice`)

	delete(to.Live.Flows, flows[0].Name)
	_, _, err = (&record.Rewalk{Target: to, User: "alice"}).Drive(t.Context(), flows[0])
	require.ErrorContains(t, err, `the target "staging" has no flow "errors"`)

	to.Live.Flows[flows[0].Name] = "00000000000000000000000000000000"
	_, _, err = (&record.Rewalk{Target: to, User: "alice"}).Drive(t.Context(), flows[0])
	require.ErrorAs(t, err, new(*runner.EnvironmentError), "the policy is none of the environment's")

	to.Live.Authorize = "https://" + unused(t) + "/as/authorize"
	_, _, err = (&record.Rewalk{Target: to, User: "alice"}).Drive(t.Context(), flows[0])
	require.ErrorAs(t, err, new(*runner.EnvironmentError))
	assert.NotContains(t, err.Error(), "?", "never a query")
}

// unused is an address without a listener.
func unused(t *testing.T) string {
	t.Helper()
	up := httptest.NewServer(http.NotFoundHandler())
	up.Close()
	return up.Listener.Addr().String()
}

// save learns the recording of a flow and writes it.
func save(r *record.Recorder, name string, journeys []davinci.Exchanges) (*learn.Result, string, error) {
	result, err := r.Learn(name, journeys)
	if err != nil {
		return nil, "", err
	}
	dir, err := r.Write(name, result)
	return result, dir, err
}
