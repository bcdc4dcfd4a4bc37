package runner

import (
	"io/fs"
	"time"

	"flowtest/mockserver"
	"flowtest/recordings"
	"flowtest/runner/internal/feature"
	"flowtest/runner/internal/known"
	"flowtest/runner/internal/target"
	"flowtest/runner/report"
	"flowtest/steps"
	"flowtest/steps/davinci"
)

// A Source is a feature file, or a folder of them.
type Source struct {
	// FS is the file system. Required.
	FS fs.FS

	// Path is its path in FS. Required.
	Path string

	// Show is the name in reports. Empty means Path. Optional.
	Show string

	// Lines select scenarios of a file. Empty means all. Optional.
	Lines []int
}

// A Suite describes a run.
type Suite struct {
	// Features are the features to run. Required.
	Features []Source

	// Whole says that Features are all features that exist. A known failure of a scenario that
	// is not in them is then outdated. Optional.
	Whole bool

	// Target says where requests go: [Replay], or what [LoadTarget] returns. Required.
	Target *Target

	// Recordings are the recordings that a replay answers from. Required for a replay.
	Recordings []*recordings.Flow

	// Env looks up the environment for ${env.NAME}. Nil means that it is
	// empty. Optional.
	Env func(string) (string, bool)

	// Tags is a Cucumber tag expression, Name a regular expression that a scenario's name must
	// match. Empty chooses everything. A scenario with the tag @wip or @skip is skipped if the
	// expression does not name that tag. Optional.
	Tags, Name string

	// Rerun chooses the scenarios that did not pass in an earlier run. Nil chooses all.
	// Optional.
	Rerun *Earlier

	// Touched chooses scenarios by their file and the flows that they name. Nil chooses
	// all. Optional.
	Touched func(file string, flows []string) bool

	// Shard is the part, from 1 to Shards, that runs. Durations are how long scenarios
	// took before; they make the parts take equally long, and a missing scenario counts
	// as an average one. Zero means that everything runs. Optional.
	Shard, Shards int
	Durations     map[Place]time.Duration

	// Seed shuffles the scenarios; the same seed gives the same order. Zero means the order of
	// the files. Optional.
	Seed uint64

	// Repeat is how often every scenario runs. Zero means once. Optional.
	Repeat int

	// Platforms runs every scenario once for each platform, as the SDK of that
	// platform. Empty means the platform of the target. Optional.
	Platforms []string

	// DryRun says what would run and sends nothing. Optional.
	DryRun bool

	// Concurrency is the number of scenarios that run at once. Zero means one for each
	// processor in a replay and 4 live. Optional.
	Concurrency int

	// FailFast stops the run after the first scenario that does not pass. Optional.
	FailFast bool

	// Timeout is the time limit of each scenario, StepTimeout of each step, and
	// RunTimeout of the run. Zero means [DefaultTimeout] for a scenario, and no limit
	// for the others. Optional.
	Timeout, StepTimeout, RunTimeout time.Duration

	// Retries is how often a failed scenario runs again, with a new journey, if its
	// failure has an origin in RetryOn; empty means network and rate limit. No scenario
	// is retried for a user whose password was refused MaxRefused times; zero means
	// [DefaultMaxRefused]. Optional.
	Retries    int
	RetryOn    []davinci.Origin
	MaxRefused int

	// FailOnFlaky fails a run in which a scenario passed only after a retry. Optional.
	FailOnFlaky bool

	// Rate limits the requests to a live target, per second. Zero means 10. Optional.
	Rate float64

	// Faults apply to the journeys of a replay; a live target refuses them. A
	// scenario with tags @fault:SPEC has those instead. A seed of zero means a
	// random one. Optional.
	Faults mockserver.Faults

	// Conformance says what happens to a scenario whose journey breaks a requirement. Zero means
	// that it fails if the requirement is a MUST. Optional.
	Conformance Verdict

	// SDKs also checks whether Ping's SDKs can carry the journeys. That fails nothing.
	// Optional.
	SDKs bool

	// Strict fails passes that prove nothing: a scenario without a Then, a hop that nothing
	// asserts on, a run in which every hop was unauthorized. Otherwise these are notes. Optional.
	Strict bool

	// RequireExercised fails a run in which a requirement applied to no hop. It is a
	// comma-separated list of levels, MUST and SHOULD, and of prefixes of ids. A level includes
	// the more severe ones, and skips requirements about a response shape that the run did not
	// request. Empty requires none. Optional.
	RequireExercised string

	// KeepUsers keeps the users that scenarios made in a live environment. Otherwise they are
	// removed when their scenario ends. Optional.
	KeepUsers bool

	// Known are known failures. Nil means none. Optional.
	Known *KnownFailures

	// Record is called with every journey when its scenario ends, one at a time. The exchanges
	// contain secrets. Optional.
	Record func(Recorded)

	// Evidence keeps every hop in full, for reports. Optional.
	Evidence bool

	// Steps adds the caller's own sentences to every scenario. It receives the world of that
	// scenario, which begins with its first step. The registry is a [*godog.ScenarioContext],
	// which has hooks too; if Sentences use such a step, it is another type with the same
	// methods. Steps is called once more before the run, with a registry that only lists the
	// sentences, so that an undefined step is found before anything is sent. Optional.
	Steps func(StepRegistry, *steps.World)

	// Sentences are additional sentences, each a name for several steps: flowtest's own, those
	// that Steps adds, and other sentences. Nil means none. Optional.
	Sentences *Sentences

	// Watcher is notified of scenarios that start and end. Nil means none. Optional.
	Watcher report.Watcher

	// Plan has the properties of the run for reports: Run, Version, Where and Repeat.
	// The run adds the rest. Optional.
	Plan report.Plan

	// Reporter receives the results. Nil means none. Optional.
	Reporter report.Reporter
}

// A Target says where requests go: to a replay, or to a live environment with its app.
// Both have users. It is printed, logged and encoded without its secrets.
type Target = target.Target

// Replay returns the target of a run without a flowtest.yaml: a replay with the users of
// the shipped features.
func Replay() *Target {
	t, err := target.Builtin().Choose("")
	if err != nil {
		panic("runner: " + err.Error()) // it reads nothing
	}
	return t
}

// LoadTarget reads the flowtest.yaml in fsys whose name is file, and returns its target of that
// name. An empty name means the target that the file, or FLOWTEST_TARGET, chooses. Lookup looks up
// environment variables, as [os.LookupEnv] does; nil means that there are none.
//
// The error has a line "FILE:LINE:COLUMN: …" for every mistake, or wraps the error of reading
// the file, which a caller may test for [fs.ErrNotExist]. It contains no secret.
func LoadTarget(fsys fs.FS, file, name string, lookup func(string) (string, bool)) (*Target, error) {
	f, err := target.Load(fsys, file, lookup)
	if err != nil {
		return nil, err
	}
	return f.Choose(name)
}

// Sentences are the sentences of a file, usually sentences.yaml, each with the steps that
// replace it.
type Sentences = feature.Sentences

// ReadSentences reads the text of the file with that name. The error joins a line
// "FILE:LINE: …" for every mistake. Whether the steps exist is checked when a suite runs.
func ReadSentences(file string, text []byte) (*Sentences, error) {
	return feature.ReadSentences(file, text)
}

// KnownFailures are the failures listed in a file, usually known-failures.yaml. A list
// is for one run.
type KnownFailures = known.List

// ReadKnownFailures reads the text of the file with that name. An entry is valid until
// the end of the day on which it expires, in the time zone of now. The error joins a
// line "FILE:LINE: …" for every mistake.
func ReadKnownFailures(file string, text []byte, now time.Time) (*KnownFailures, error) {
	return known.Read(file, text, now)
}
