package execlog_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/target"
	"flowtest/runner/internal/tenant"
	"flowtest/runner/internal/tenant/execlog"
	"flowtest/runner/internal/tenant/fake"
	"flowtest/steps/davinci"
	"flowtest/steps/secret"
)

const (
	base        = "https://auth.example.test"
	environment = "0f10e7e5-7000-4000-8000-000000000001"
	policy      = "5012727d02503c3c246e6a660e020812"
	subflow     = "77777777777777777777777777777777"
	parentID    = "11111111-0000-4000-8000-000000000001"
	childID     = "11111111-0000-4000-8000-000000000002"
	transaction = "22222222-0000-4000-8000-000000000001"
)

// A world is a tenant whose log is read, and what was asked of it.
type world struct {
	*fake.Tenant

	known  *secret.Redactor
	reader *execlog.Reader
	asked  []string
	began  time.Time
}

// RoundTrip implements [http.RoundTripper].
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	w.asked = append(w.asked, r.Method+" "+r.URL.Path)
	if r.Body == nil {
		r.Body = http.NoBody
	}
	answer := httptest.NewRecorder()
	w.ServeHTTP(answer, r)
	return answer.Result(), nil
}

// newWorld returns a tenant with a journey of a flow of 40 events, and a subflow of 25.
func newWorld() *world {
	w := &world{known: &secret.Redactor{}, began: time.Now()}
	w.Tenant = fake.New(fake.Config{
		Base: base, Environment: environment, RedirectURI: "https://app.example.test/cb", Now: time.Now,
		Policies: map[string]string{"sign-on": policy},
	})
	client := tenant.NewClient(w, &target.Live{EnvironmentID: environment, Worker: &target.Worker{
		ClientID: fake.WorkerID, ClientSecret: secret.New(fake.WorkerSecret), API: base + "/v1",
		Token: base + "/" + environment + "/as/token",
	}}, w.known)
	w.reader = execlog.New(client, "app", w.known, 0)
	w.logs(2)
	return w
}

// node returns the entries of a run of a node.
func node(at time.Time, title, connector, capability, success string, properties map[string]any) []fake.Event {
	answer := "Send Response"
	if success == "error" {
		answer, success = "Send Error Response", "false"
	}
	e := fake.Event{At: at, Message: "Receive Request", Node: title, Connector: connector, Capability: capability}
	back := e
	took := int64(12)
	back.Message, back.Success, back.Took, back.Properties = answer, success, &took, properties
	back.At = at.Add(12 * time.Millisecond)
	return []fake.Event{e, back}
}

func (w *world) logs(level int) {
	at := w.began
	w.Change("/flows/"+fake.FlowID(policy), func(body any) any {
		body.(map[string]any)["settings"] = map[string]any{"logLevel": level} //nolint:errcheck,forcetypeassert // it is an object
		return body
	})
	parent := &fake.Interaction{
		ID: parentID, Flow: fake.FlowID(policy), Name: "Sign On", Version: 12, Transaction: transaction, At: at,
		Events: []fake.Event{{At: at, Message: "Start Interaction"}},
	}
	add := func(i *fake.Interaction, events ...fake.Event) { i.Events = append(i.Events, events...) }
	add(parent, node(at, "Sign On Form", "httpConnector", "customHTMLTemplate", "true", nil)...)
	add(parent, node(at.Add(time.Second), "Lookup User", "pingOneSSOConnector", "userLookup", "true", map[string]any{
		"identifier": map[string]any{"value": "alice"},
		"outputs":    map[string]any{"matchedUser": map[string]any{"value": map[string]any{"email": "alice@example.com"}}},
	})...)
	add(parent, node(at.Add(2*time.Second), "Is it locked?", "functionsConnector", "AEqualsB", "false", nil)...)
	add(parent, node(at.Add(3*time.Second), "Check Password", "pingOneSSOConnector", "checkPassword", "error", map[string]any{
		"password": map[string]any{"value": "canary-of-a-password"}, "identifier": map[string]any{"value": "alice"},
	})...)
	for i := range 14 {
		add(parent, node(at.Add(4*time.Second), "Step "+strconv.Itoa(i), "variablesConnector", "saveValue", "true", nil)...)
	}
	start := fake.Event{
		At: at.Add(5 * time.Second), Message: "Starting subflow", Node: "Second factor", Connector: "flowConnector",
		Capability: "startUiSubFlow", Properties: map[string]any{
			"subFlowId": map[string]any{"value": map[string]any{"value": subflow, "label": "MFA"}},
		},
	}
	end := node(at.Add(5*time.Second), "Done", "pingOneAuthenticationConnector", "returnSuccessResponseRedirect", "true", nil)
	add(parent, append([]fake.Event{start}, end...)...)
	child := &fake.Interaction{
		ID: childID, Flow: subflow, Name: "MFA", Version: 3, Transaction: transaction, SubFlow: true, At: at.Add(5 * time.Second),
		Events: []fake.Event{{At: at.Add(5 * time.Second), Message: "Start Interaction"}},
	}
	for i := range 12 {
		add(child, node(at.Add(5*time.Second), "Factor "+strconv.Itoa(i), "pingOneMfaConnector", "readAllDevices", "true", nil)...)
	}
	w.Log(parent)
	w.Log(child)
}

// journey is that of the log.
func (w *world) journey() *execlog.Journey {
	return &execlog.Journey{
		Policy: policy, Interactions: []string{childID, parentID}, Since: w.began,
		Capabilities: []string{"customHTMLTemplate", "returnSuccessResponseRedirect"},
	}
}

func titles(log *davinci.Log) (all []string) {
	for _, n := range log.Nodes() {
		all = append(all, n.Title)
	}
	return all
}

// The log of a flow and its subflow is one, in the order in which nodes ran.
func TestAJourneyIsJoined(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		log, err := w.reader.Read(t.Context(), w.journey())
		require.NoError(t, err)
		assert.Empty(t, log.Gaps)
		require.Len(t, log.Flows, 2)
		assert.Equal(t, davinci.LoggedFlow{
			ID: subflow, Name: "MFA", Version: 3, Interaction: childID, Transaction: transaction, Subflow: true,
		}, log.Flows[1])
		assert.Len(t, log.Events, 40+25)
		got := titles(log)
		assert.Equal(t, []string{"Sign On Form", "Lookup User", "Is it locked?", "Check Password"}, got[:4])
		assert.Equal(t, []string{"Second factor", "Factor 0"}, got[18:20], "what has the same time is in the order of its flow")
		assert.Equal(t, "Done", got[len(got)-1])
		var failed []string
		for _, n := range log.Nodes() {
			if n.Failed {
				failed = append(failed, n.Title)
			}
		}
		assert.Equal(t, []string{"Check Password"}, failed, "a comparison that is false has not failed")
		for _, asked := range w.asked {
			assert.True(t, strings.HasPrefix(asked, "GET ") || strings.HasSuffix(asked, "/as/token"), asked)
		}
		assert.Equal(t, 1, w.Issued())

		byChild := w.journey()
		byChild.Interactions, byChild.Flows = []string{childID}, []string{subflow}
		same, err := w.reader.Read(t.Context(), byChild)
		require.NoError(t, err)
		assert.Equal(t, log, same, "the subflow's id leads to the flow that started it")
	})
}

// Among 1,203 interactions on three pages, and a fourth that is empty, the right one is found.
func TestPagesAreRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		for i := range 1203 - 1 {
			w.Log(&fake.Interaction{
				ID: fmt.Sprintf("33333333-0000-4000-8000-%012d", i), Flow: fake.FlowID(policy), Name: "Sign On",
				Transaction: "other", At: w.began.Add(time.Minute),
			})
		}
		w.Pages(401) // 1,203 are three full pages: the third names a fourth, which is empty
		log, err := w.reader.Read(t.Context(), w.journey())
		require.NoError(t, err)
		assert.Len(t, log.Events, 40+25)
		lists := 0
		for _, asked := range w.asked {
			if strings.HasSuffix(asked, "/flows/"+fake.FlowID(policy)+"/interactions") {
				lists++
			}
		}
		assert.Equal(t, 4, lists)
	})
}

// What is written late is waited for.
func TestALogThatLags(t *testing.T) {
	t.Parallel()
	for _, lag := range []int{1, 2, 5} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld()
			w.Lag(lag)
			log, err := w.reader.Read(t.Context(), w.journey())
			require.NoError(t, err)
			assert.Empty(t, log.Gaps)
			assert.Len(t, log.Events, 40+25)
		})
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.Lag(1000)
		began := time.Now()
		_, err := w.reader.Read(t.Context(), w.journey())
		require.EqualError(t, err, "the execution log has nothing about the interaction "+childID+", "+parentID+" after 30s")
		assert.Less(t, time.Since(began), 40*time.Second)
		known, ok := errors.AsType[*execlog.Error](err)
		require.True(t, ok)
		assert.Equal(t, davinci.FromNetwork, known.Origin())

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = w.reader.Read(ctx, w.journey())
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

// What keeps the log from being read, or lacks in it, is said.
func TestWhatTheLogLacks(t *testing.T) {
	t.Parallel()
	interactions := "/flows/" + fake.FlowID(policy) + "/interactions"
	for name, row := range map[string]struct {
		breaks func(w *world, j *execlog.Journey)
		gap    string
		err    string
	}{
		"a role is missing": {
			breaks: func(w *world, _ *execlog.Journey) {
				w.Refuse(interactions, 9, http.StatusForbidden, "ACCESS_FAILED", "No access.", "")
			},
			err: `the execution log cannot be read: GET /v1/environments/` + environment + interactions + ` was answered with 403 ACCESS_FAILED: ` +
				`No access.; needs the role "DaVinci Admin Read Only": add it to the worker app`,
		},
		"a path that does not exist": {
			breaks: func(w *world, _ *execlog.Journey) {
				w.Refuse(interactions, 9, http.StatusForbidden, "ACCESS_FAILED",
					"Invalid key=value pair (missing equal-sign) in Authorization header", "")
			},
			err: "which is how the API answers for an unknown path; check worker.apiUrl of the target",
		},
		"the token is refused": {
			breaks: func(w *world, _ *execlog.Journey) {
				w.Refuse("token", 9, http.StatusUnauthorized, "invalid_client", "No.", "")
			},
			err: "the execution log cannot be read: POST /" + environment + "/as/token was answered with 401 invalid_client",
		},
		"another policy": {
			breaks: func(_ *world, j *execlog.Journey) { j.Policy = "none" },
			err:    "the execution log: no DaVinci application has the flow policy none: check its id below flows of the target",
		},
		"it logs too little": {
			breaks: func(w *world, _ *execlog.Journey) { w.logs(1) },
			gap: `the log level of the flow "Sign On" is 1, so its nodes are not in the log: set it to Info ` +
				`(DaVinci > the flow > Flow Settings > Logging)`,
		},
		"a subflow is missing": {
			breaks: func(w *world, _ *execlog.Journey) {
				w.Log(&fake.Interaction{ID: childID, Flow: "other", Transaction: transaction, At: w.began})
			},
			gap: `the log does not have the subflow ` + subflow + ` that the node "Second factor" starts`,
		},
		"an answer is missing": {
			breaks: func(_ *world, j *execlog.Journey) { j.Capabilities = append(j.Capabilities, "customHTMLTemplate") },
		},
		"too many requests": {
			breaks: func(w *world, _ *execlog.Journey) {
				w.Refuse(interactions, 2, http.StatusTooManyRequests, "REQUEST_LIMITED", "Slower.", "2")
			},
		},
		"the token expires": {
			breaks: func(w *world, j *execlog.Journey) {
				_, _ = w.reader.Read(context.Background(), j)
				w.Expire()
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				j := w.journey()
				row.breaks(w, j)
				log, err := w.reader.Read(t.Context(), j)
				if row.err != "" {
					require.ErrorContains(t, err, row.err)
					return
				}
				require.NoError(t, err)
				if row.gap == "" {
					assert.Empty(t, log.Gaps)
				} else {
					assert.Contains(t, log.Gaps, row.gap)
				}
			})
		})
	}
}

// An interaction is found by its id alone.
func TestFind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		for _, policies := range [][]string{{policy}, nil} {
			log, err := w.reader.Find(t.Context(), parentID, policies, w.began)
			require.NoError(t, err)
			assert.Len(t, log.Events, 40+25)
		}
		_, err := w.reader.Find(t.Context(), "none", []string{policy}, w.began)
		require.ErrorContains(t, err, "the execution log has no interaction none since ")
	})
}
