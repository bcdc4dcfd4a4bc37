package runner_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/runner"
	"flowtest/runner/report"
	"flowtest/steps"
)

// tagsOf writes a feature with a scenario for each of the tags, whose only step
// says them again.
func tagsOf(list []string) []runner.Source {
	var b strings.Builder
	b.WriteString("Feature: F\n")
	for i, tags := range list {
		fmt.Fprintf(&b, "%s\nScenario: s%d\nWhen I work as %q\n", tags, i, tags)
	}
	return []runner.Source{feature("f.feature", b.String())}
}

// A floor is where scenarios work, and sees who is there together.
type floor struct {
	mu      sync.Mutex
	here    map[string]int // by tag
	total   int
	most    int
	faults  []string
	worked  int
	takes   time.Duration
	started chan struct{} // gets everyone who begins, where it is not nil
}

func (f *floor) steps(sc runner.StepRegistry, _ *steps.World) {
	sc.When(`^I work as "([^"]*)"$`, func(ctx context.Context, tags string) error {
		f.come(tags)
		defer f.leave(tags)
		select {
		case <-time.After(f.takes):
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
}

func (f *floor) come(tags string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.here == nil {
		f.here = map[string]int{}
	}
	f.total++
	f.worked++
	f.most = max(f.most, f.total)
	for tag := range strings.FieldsSeq(tags) {
		f.here[tag]++
		if strings.HasPrefix(tag, "@user:") && f.here[tag] > 1 {
			f.faults = append(f.faults, tag+" twice at once")
		}
	}
	if f.here["@serial"] > 0 && f.total > 1 {
		f.faults = append(f.faults, "somebody beside @serial")
	}
	if f.started != nil {
		f.started <- struct{}{}
	}
}

func (f *floor) leave(tags string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.total--
	for tag := range strings.FieldsSeq(tags) {
		f.here[tag]--
	}
}

func TestSerialScenariosAndThoseOfAUserAreKeptApart(t *testing.T) {
	kinds := []string{"@a", "@user:alice", "@user:bob", "@user:alice @user:bob", "@user:bob @user:alice", "@serial", "@serial @user:alice", "@a"}
	var tags []string
	for i := range 200 {
		tags = append(tags, kinds[(i*i+i/7)%len(kinds)])
	}
	flows, replay := shipped.Flows(t), replayTarget(t)
	synctest.Test(t, func(t *testing.T) {
		f := &floor{takes: time.Second}
		run, out := ran(t, runner.Suite{
			Features: tagsOf(tags), Steps: f.steps, Concurrency: 8, Timeout: 2 * time.Second, Target: replay, Recordings: flows,
		})
		assert.Equal(t, 200, run.Counts[report.Passed], "no one waits for ever, and the wait is not of the scenario's time: %s",
			strings.Join(out.verdicts(), "\n"))
		assert.Empty(t, f.faults)
		assert.Equal(t, 200, f.worked)
		assert.Greater(t, f.most, 2, "the others do run together")
		for _, s := range out.scenarios {
			assert.Equal(t, time.Second, s.Duration, "what a scenario takes begins when it may run")
		}
	})
}

func TestScenariosOfOtherUsersRunTogether(t *testing.T) {
	flows, replay := shipped.Flows(t), replayTarget(t)
	for name, row := range map[string]struct {
		tags []string
		want time.Duration
	}{
		"of one user":              {[]string{"@user:a", "@user:a", "@user:a"}, 3 * time.Second},
		"of three users":           {[]string{"@user:a", "@user:b", "@user:c"}, time.Second},
		"of none":                  {[]string{"@x", "@x", "@x"}, time.Second},
		"one alone":                {[]string{"@x", "@serial", "@x"}, 2 * time.Second},
		"a tag that only looks so": {[]string{"@serially", "@users", "@serially"}, time.Second},
		"each alone":               {[]string{"@serial", "@serial", "@serial"}, 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &floor{takes: time.Second}
				run, _ := ran(t, runner.Suite{
					Features: tagsOf(row.tags), Steps: f.steps, Concurrency: 4, Target: replay, Recordings: flows,
				})
				assert.Equal(t, 3, run.Counts[report.Passed])
				if name == "one alone" { // the order in which they come to the lock is not fixed
					assert.GreaterOrEqual(t, run.Duration, row.want)
					return
				}
				assert.Equal(t, row.want, run.Duration)
			})
		})
	}
}

func TestAWaitForALockEndsWithTheRun(t *testing.T) {
	flows, replay := shipped.Flows(t), replayTarget(t)
	for name, tags := range map[string]string{"of a user": "@user:a", "of all": "@serial"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				f := &floor{takes: time.Hour, started: make(chan struct{}, 1)}
				go func() {
					<-f.started
					synctest.Wait() // by now the others wait
					cancel()
				}()
				out := &collector{}
				run, err := (&runner.Suite{
					Features: tagsOf([]string{tags, tags, tags}), Steps: f.steps, Concurrency: 3, Target: replay, Recordings: flows,
					Reporter: out,
				}).Run(ctx)
				require.NoError(t, err)
				assert.Equal(t, 1, f.worked)
				assert.True(t, run.Interrupted)
				assert.Equal(t, 3, run.Counts[report.NotRun], "the one that was stopped did not run either")
				assert.Zero(t, run.Duration)
			})
		})
	}
}
