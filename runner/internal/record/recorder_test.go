package record_test

import (
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/recordings"
	"flowtest/runner/internal/har"
	"flowtest/runner/internal/record"
	"flowtest/runner/internal/store"
	"flowtest/runner/internal/target"
	"flowtest/steps/davinci"
	"flowtest/steps/generated"
)

// A flow that was recorded below another folder stays there; a new one gets a
// folder of its name.
func TestARecorderKnowsWhereARecordingLies(t *testing.T) {
	t.Parallel()
	flows := shipped.Flows(t)
	to := stagingOf(t, flows)
	dir := t.TempDir()
	session := named(flows, "session")
	require.Equal(t, "session", session.Name)
	require.NoError(t, store.Save(filepath.Join(dir, "elsewhere"), session))
	r := &record.Recorder{Dir: dir, Target: to, Tool: "flowtest test"}
	walk := &record.Rewalk{Target: to, User: "alice", Rate: 10000, Codes: generated.Ledger{Ahead: true}}
	for name, f := range map[string]*recordings.Flow{"elsewhere": session, "sign-on": named(flows, "sign-on")} {
		journeys, _, err := walk.Drive(t.Context(), f)
		require.NoError(t, err)
		_, at, err := save(r, f.Name, journeys)
		require.NoError(t, err)
		assert.Equal(t, filepath.Join(dir, name), at)
		_, err = recordings.Load(os.DirFS(at), ".")
		require.NoError(t, err)
	}
	r.Close()
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	require.NoError(t, err)
	assert.Empty(t, left, "no lock is left")
}

// While a flow is recorded, only its own recording is read again: a folder of many would be read
// three times for each of its flows.
func TestARecorderReadsTheOtherRecordingsOnce(t *testing.T) {
	t.Parallel()
	flows := shipped.Flows(t)
	dir := t.TempDir()
	session, other := named(flows, "session"), named(flows, "step-up")
	require.NoError(t, store.Save(filepath.Join(dir, "elsewhere"), session))
	require.NoError(t, store.Save(filepath.Join(dir, "other"), other))
	r := &record.Recorder{Dir: dir, Target: stagingOf(t, flows)}
	defer r.Close()
	require.NoError(t, r.Open([]string{"session"}))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "other", recordings.FileName), []byte("unread"), 0o600))
	walk := &record.Rewalk{Target: r.Target, User: "alice", Rate: 10000, Codes: generated.Ledger{Ahead: true}}
	journeys, _, err := walk.Drive(t.Context(), session)
	require.NoError(t, err)
	result, at, err := save(r, "session", journeys)
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(dir, "elsewhere"), at)
	assert.Empty(t, result.Added, "it was compared with the recording that is there")
}

// A file may have the journeys of many flows: what is there is read once for all of them.
func TestASaveOfManyFlowsReadsTheOtherRecordingsOnce(t *testing.T) {
	t.Parallel()
	flows := shipped.Flows(t)
	dir := t.TempDir()
	other := filepath.Join(dir, "other", recordings.FileName)
	require.NoError(t, store.Save(filepath.Dir(other), named(flows, "step-up")))
	r := &record.Recorder{Dir: dir, Target: stagingOf(t, flows)}
	defer r.Close()
	r.Commit = func() (func(), error) { return func() {}, os.WriteFile(other, []byte("unread"), 0o600) }
	walk := &record.Rewalk{Target: r.Target, User: "alice", Rate: 10000, Codes: generated.Ledger{Ahead: true}}
	journeys := map[string][]davinci.Exchanges{}
	for _, name := range []string{"session", "sign-on"} {
		of, _, err := walk.Drive(t.Context(), named(flows, name))
		require.NoError(t, err)
		journeys[name] = of
	}
	var out strings.Builder
	s := &record.Saver{Recorder: r, Out: &out, Say: func(string) {}}
	require.NoError(t, s.Save(journeys), "of the second flow, after the first was written")
	assert.Equal(t, 2, strings.Count(out.String(), "recorded s"))
	r.Close()
	assert.ErrorContains(t, s.Save(journeys), "record: the recordings that are there cannot be read: ", "a Save reads them again")
}

func TestARecorderRefusesWhatItCannotWrite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := &record.Recorder{Dir: dir, Target: &target.Target{}}
	r.Target = &target.Target{
		Live:  &target.Live{Flows: map[string]string{"a": "Sign On*", "registration_v2_2026-11-22": "Sign_On_2"}},
		Users: map[string]target.User{"al": target.NewUser(map[string]string{"password": "registration_v3"})},
	}
	require.EqualError(t, r.Open([]string{"a"}),
		`flow "a": "Sign On*" is not a flow policy, want its id or its name: a line without any of {}$*`)
	require.EqualError(t, r.Open([]string{"x-registration_v3"}), `flow "x-registration_v3": the password of the user "al" `+
		"is within the name of the flow, and no recording may hold it: change one of them")
	require.NoError(t, r.Open([]string{"registration_v2_2026-11-22"}))
	r.Close()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "a"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a", "recording.yaml"), []byte("format: 9\n"), 0o600))
	assert.ErrorContains(t, r.Open([]string{"b"}), "record: the recordings that are there cannot be read: ")
}

// A recording that was not recorded keeps what it says about itself, to the byte, where
// the journeys say nothing new; where they do, it is recorded.
func TestARecordingFromElsewhereStaysWhereNothingIsNew(t *testing.T) {
	t.Parallel()
	flows := shipped.Flows(t)
	to := stagingOf(t, flows)
	session := named(flows, "session")
	walk := &record.Rewalk{Target: to, User: "alice", Rate: 10000, Codes: generated.Ledger{Ahead: true}}
	journeys, _, err := walk.Drive(t.Context(), session)
	require.NoError(t, err)

	dir := t.TempDir()
	name := filepath.Join(dir, "session", recordings.FileName)
	require.NoError(t, store.Save(filepath.Dir(name), session))
	before, err := os.ReadFile(name)
	require.NoError(t, err)
	before = append([]byte("# written by hand\n"), before...)
	require.NoError(t, os.WriteFile(name, before, 0o600))
	r := &record.Recorder{Dir: dir, Target: to}
	result, at, err := save(r, "session", journeys)
	require.NoError(t, err)
	require.Empty(t, result.Added)
	require.Empty(t, result.Changed)
	assert.Equal(t, filepath.Dir(name), at)
	after, err := os.ReadFile(name)
	require.NoError(t, err)
	assert.Equal(t, string(before), string(after))
	r.Close()

	r = &record.Recorder{Dir: t.TempDir(), Target: to}
	_, at, err = save(r, "session", journeys)
	require.NoError(t, err)
	f, err := recordings.Load(os.DirFS(at), ".")
	require.NoError(t, err)
	assert.Equal(t, recordings.Recorded, f.Source)
	r.Close()
}

// A process that is killed between its two renames leaves the recording aside. Who reads
// or writes next puts it back, and says so.
func TestWhatAKilledProcessMovedAsideIsPutBack(t *testing.T) {
	t.Parallel()
	flows := shipped.Flows(t)
	for name, next := range map[string]func(t *testing.T, dir string, say func(string)){
		"by who records": func(t *testing.T, dir string, say func(string)) {
			t.Helper()
			r := &record.Recorder{Dir: dir, Target: stagingOf(t, flows), Say: say}
			require.NoError(t, r.Open([]string{"session"}))
			r.Close()
		},
		"by who reads": func(t *testing.T, dir string, say func(string)) {
			t.Helper()
			got, err := record.Load(dir, say)
			require.NoError(t, err)
			assert.Len(t, got, 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			place := filepath.Join(dir, "below", "session")
			require.NoError(t, store.Save(place, named(flows, "session")))
			aside := filepath.Join(dir, "below", ".session.flowtest-old")
			require.NoError(t, os.Rename(place, aside))
			var said []string
			for range 2 {
				next(t, dir, func(line string) { said = append(said, line) })
			}
			assert.NoDirExists(t, aside)
			assert.FileExists(t, filepath.Join(place, recordings.FileName))
			assert.Equal(t, []string{place + ": put back: a process was killed while it saved another recording in its place"}, said)
		})
	}
}

// Flows and flow policies have names that people gave them: with spaces, slashes and
// letters of any language.
func TestFlowsHaveNamesWithSpaces(t *testing.T) {
	t.Parallel()
	f := named(shipped.Flows(t), "session")
	to := stagingOf(t, []*recordings.Flow{f})
	journeys, _, err := (&record.Rewalk{Target: to, User: "alice", Rate: 10000, Codes: generated.Ledger{Ahead: true}}).Drive(t.Context(), f)
	require.NoError(t, err)
	const policy = "Customers: Sign On (v2)"
	for i := range journeys {
		for j := range journeys[i] {
			if x := &journeys[i][j]; x.Endpoint() == davinci.Authorize {
				q := x.URL.Query()
				q.Set("acr_values", policy)
				at := *x.URL
				at.RawQuery, x.URL = q.Encode(), &at
			}
		}
	}
	names := []string{"Customers / Sign On", "Customers-Sign-On", "../up", "Anmeldung für Gäste", "*"}
	to.Live.Flows = map[string]string{names[0]: policy, "other": "Other"}
	r := &record.Recorder{Dir: t.TempDir(), Target: to}
	of, err := r.FlowOf(har.Policy(journeys[0]))
	require.NoError(t, err)
	assert.Equal(t, names[0], of)
	var dirs []string
	for _, name := range names {
		require.NoError(t, r.Open([]string{name}))
		_, at, err := save(r, name, journeys)
		require.NoError(t, err, name)
		rel, err := filepath.Rel(r.Dir, at)
		require.NoError(t, err)
		dirs = append(dirs, rel)
	}
	r.Close()
	assert.Equal(t, []string{"Customers-Sign-On", "Customers-Sign-On-2", "up", "Anmeldung-für-Gäste", "flow"}, dirs)
	flows, err := recordings.LoadAll(os.DirFS(r.Dir), ".")
	require.NoError(t, err)
	assert.Len(t, flows, len(names), "none was written over another")
	assert.Equal(t, policy, flows[slices.IndexFunc(flows, func(f *recordings.Flow) bool { return f.Name == names[0] })].Policy)

	_, at, err := save(&record.Recorder{Dir: r.Dir, Target: to}, names[0], journeys)
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(r.Dir, dirs[0]), at, "it is found again")
}

// What a session does with an exchange does not depend on how many came before: one of a
// thousand pushed starts takes as much memory as the first.
func TestALateExchangeCostsWhatAnEarlyOneCosts(t *testing.T) {
	r := &record.Recorder{Dir: t.TempDir(), Target: &target.Target{Name: "staging"}}
	says := 0
	s := record.NewSession(r, "", func(string) { says++ })
	n := 0
	start := func() {
		n++
		at := "https://auth.example.com/env/as/"
		push, err := url.Parse(at + "par")
		require.NoError(t, err)
		ask, err := url.Parse(at + "authorize?client_id=app&request_uri=urn:" + strconv.Itoa(n))
		require.NoError(t, err)
		s.Add(davinci.Exchange{
			Method: "POST", URL: push, Body: []byte("response_mode=pi.flow"), Status: 201,
			Response: []byte(`{"request_uri":"urn:` + strconv.Itoa(n) + `"}`),
		})
		s.Add(davinci.Exchange{Method: "GET", URL: ask, Status: 200, Response: []byte(`{}`)})
	}
	early := testing.AllocsPerRun(10, start)
	for n < 1000 {
		start()
	}
	assert.InEpsilon(t, early, testing.AllocsPerRun(10, start), 0.2)
	assert.Equal(t, 2*n+1, says, "one line each, and once that no flow is known")
}
