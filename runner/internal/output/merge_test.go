package output_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/output/stream"
	"flowtest/runner/report"
)

// shards deals the sample run to n shards, a scenario to each in turn.
func shards(n int) []*story {
	out := make([]*story, n)
	for i := range out {
		s := sampleRun()
		var mine []*report.Scenario
		for j, sc := range s.scenarios {
			if j%n == i {
				mine = append(mine, sc)
			}
		}
		s.scenarios, s.plan.Shard, s.plan.Shards, s.plan.Scenarios = mine, i+1, n, len(mine)
		s.plan.Began = sampleBegan.Add(time.Duration(i) * time.Second)
		out[i] = s
	}
	return out
}

func inputs(t *testing.T, stories ...*story) (out []stream.Input) {
	t.Helper()
	for i, s := range stories {
		out = append(out, stream.Input{Name: "input-" + string(rune('a'+i)), R: bytes.NewReader(streamOf(t, s))})
	}
	return out
}

func TestShardsBecomeTheWholeRun(t *testing.T) {
	t.Parallel()
	var want, got memory
	sampleRun().tell(&want)
	parts := shards(3)
	run, lost, err := stream.Merge(&got, inputs(t, parts[2], parts[0], parts[1])...)
	require.NoError(t, err)
	assert.Equal(t, make([]stream.Lost, 3), lost)
	assert.Equal(t, want.Names(), got.Names(), "in the order of the whole")
	assert.Equal(t, want.run.Counts, run.Counts)
	assert.Equal(t, want.run.Hops, run.Hops)
	assert.Equal(t, 10, run.Plan.Scenarios)
	assert.Zero(t, run.Plan.Shards, "it is no longer a shard")
	assert.Equal(t, sampleBegan, run.Plan.Began.UTC(), "from the first beginning")
	assert.Equal(t, 2*time.Second+1234*time.Millisecond, run.Duration, "to the last end")
	assert.False(t, run.Interrupted)
	assert.Empty(t, run.Missing)
	assert.Equal(t, featureText, got.plan.Source("features/sign-on/sign-on.feature"))
}

func TestShardsWithoutNumbersAreInOrderOfFileAndLine(t *testing.T) {
	t.Parallel()
	parts := shards(2)
	for _, s := range parts {
		for _, sc := range s.scenarios {
			sc.Number = 0
		}
	}
	var got memory
	_, _, err := stream.Merge(&got, inputs(t, parts...)...)
	require.NoError(t, err)
	require.Len(t, got.scenarios, 10)
	assert.Equal(t, "Alice signs on", got.scenarios[0].Name)
	assert.Equal(t, "The form has its fields", got.scenarios[1].Name)
}

func TestAMissingShardIsNamed(t *testing.T) {
	t.Parallel()
	parts := shards(4)
	var got memory
	run, _, err := stream.Merge(&got, inputs(t, parts[0], parts[3])...)
	require.NoError(t, err)
	assert.Equal(t, []int{2, 3}, run.Missing)
	assert.True(t, run.Interrupted)
	assert.Len(t, got.scenarios, 5)
}

func TestAShardThatBrokeOffIsStillMerged(t *testing.T) {
	t.Parallel()
	parts := shards(2)
	in := inputs(t, parts...)
	half := streamOf(t, parts[1])
	in[1].R = bytes.NewReader(half[:len(half)/2])
	var got memory
	run, lost, err := stream.Merge(&got, in...)
	require.NoError(t, err)
	assert.True(t, run.Interrupted)
	assert.False(t, lost[0].Any())
	assert.Positive(t, lost[1].Scenarios)
	assert.Equal(t, 10, len(got.scenarios)+lost[1].Scenarios)
}

func TestPartsOfDifferentRunsAreRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		spoil func(s *story)
		want  string
	}{
		"another run":     {func(s *story) { s.plan.Run = "run-8" }, `input-a is of run "run-7", input-b of "run-8"`},
		"a nameless run":  {func(s *story) { s.plan.Run = "" }, `input-a is of run "run-7", input-b of no name`},
		"another target":  {func(s *story) { s.plan.Target = "prod" }, `input-a is of target "staging", input-b of "prod"`},
		"another version": {func(s *story) { s.plan.Version = "2.0.0" }, `input-a is of flowtest "1.2.3", input-b of "2.0.0"`},
		"another number of shards": {
			func(s *story) { s.plan.Shards = 3 }, "input-a is of 2 shards, input-b of 3",
		},
		"a whole run":    {func(s *story) { s.plan.Shard, s.plan.Shards = 0, 0 }, "input-b is a whole run and no shard"},
		"the same shard": {func(s *story) { s.plan.Shard = 1 }, "shard 1 of 2 is there twice: input-a and input-b"},
		"another feature": {
			func(s *story) { s.plan.Source = func(string) string { return featureText + "\n# edited\n" } },
			"features/sign-on/sign-on.feature has another text in input-a than in input-b",
		},
	} {
		t.Run(name, func(t *testing.T) {
			parts := shards(2)
			test.spoil(parts[1])
			var got memory
			_, _, err := stream.Merge(&got, inputs(t, parts...)...)
			var refused *stream.MergeError
			require.ErrorAs(t, err, &refused)
			assert.Equal(t, "report: these are not the parts of one run:\n  "+test.want, err.Error())
			assert.Zero(t, got.begins, "nothing was handed on")
		})
	}
}

func TestAMergeSaysWhichInputCannotBeRead(t *testing.T) {
	t.Parallel()
	parts := inputs(t, shards(2)...)
	parts[1].R = bytes.NewReader([]byte("noise\n"))
	_, _, err := stream.Merge(&memory{}, parts...)
	require.ErrorContains(t, err, "input-b: report: not a run of flowtest")
	_, _, err = stream.Merge(&memory{}, parts[1])
	require.ErrorContains(t, err, "input-b: report: not a run of flowtest")
	_, _, err = stream.Merge(&memory{})
	assert.ErrorContains(t, err, "nothing to merge")
}

// A reader that fails after a while.
type failing struct {
	*bytes.Reader
	left int
}

var errTorn = errors.New("the disk is gone")

func (f *failing) Read(p []byte) (int, error) {
	if f.left <= 0 {
		return 0, errTorn
	}
	n, err := f.Reader.Read(p[:min(len(p), f.left)])
	f.left -= n
	return n, err
}

func TestAReaderThatFailsIsNoEnd(t *testing.T) {
	t.Parallel()
	written := streamOf(t, sampleRun())
	for _, left := range []int{10, len(written) / 2} {
		_, _, err := stream.Read(&failing{bytes.NewReader(written), left}, &memory{})
		require.ErrorIs(t, err, errTorn)
	}
}
