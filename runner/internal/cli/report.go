package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flowtest/runner/internal/exercised"
	"flowtest/runner/internal/output"
	"flowtest/runner/internal/output/stream"
	"flowtest/runner/internal/stop"
	"flowtest/runner/report"
)

func reportCommand(p *Process) *cobra.Command {
	var out, format, required string
	c := &cobra.Command{
		Use:   "report DIR…",
		Short: "Render reports again, and merge the shards of a run",
		Long: `Report reads the messages.ndjson of one or more report folders and prints the
results of the run. With --out it writes all reports into a folder. Several folders
have to be the shards of one run; report names a missing shard. It reads a file that
was cut off up to its last complete line. The exit code is that of the run.`,
		Example: `  flowtest report out
  flowtest report shard-1 shard-2 shard-3 --out report`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			demand, err := demandOf(required)
			if err != nil {
				return err
			}
			return writeReports(p, &outputFlags{format: format}, out, demand, args)
		},
	}
	c.Flags().StringVar(&out, "out", "", "the folder to write all reports to")
	c.Flags().StringVar(&format, "format", "progress", "pretty, progress, dots, github or json")
	addDemand(c, &required)
	return c
}

func writeReports(p *Process, f *outputFlags, out string, demand exercised.Demand, dirs []string) (err error) {
	t := newStatus(p)
	to, err := f.reporter(p)
	if err != nil {
		return err
	}
	read := &counting{}
	list := []report.Reporter{exercised.Reporter(demand), to, read}
	if out != "" {
		if slices.ContainsFunc(dirs, func(d string) bool { return sameFolder(p.path(d), p.path(out)) }) {
			return usage(fmt.Errorf("--out %s is one of the folders that are read", out), "name another folder")
		}
		folder, err := output.NewFolder(p.path(out))
		if err != nil {
			return fmt.Errorf("the reports could not be written: %w", err)
		}
		defer folder.Close()
		folder.Env, folder.Whole = p.Env, true
		list = append(list, &committed{folder, p.stop})
	}
	var inputs []stream.Input
	for _, dir := range dirs {
		h, err := openStream(p, dir)
		if err != nil {
			return err
		}
		defer func() { _ = h.Close() }() // it was only read
		inputs = append(inputs, stream.Input{Name: dir, R: h})
	}
	defer t.begin(func(time.Time) string {
		return fmt.Sprintf("read %d of %d scenarios", read.seen.Load(), read.planned.Load())
	})()
	all := report.Many(list...)
	run, lost, err := stream.Merge(all, inputs...)
	if err != nil {
		return err
	}
	for i, l := range lost {
		if text := l.String(); text != "" {
			p.say(dirs[i] + ": " + text)
		}
	}
	if e, ok := all.(interface{ Err() error }); ok && e.Err() != nil {
		return fmt.Errorf("the reports could not be written: %w", e.Err())
	}
	sayAlone(p, run, dirs, out)
	if len(run.Missing) > 0 {
		return &exitError{ExitFailed, errors.New("the run is not whole: " + missingShards(run)), ""}
	}
	if err := demandable(run, demand); err != nil {
		return err
	}
	if err := verdict(run); err != nil || !slices.ContainsFunc(lost, stream.Lost.Any) {
		return err
	}
	return &exitError{ExitFailed, errors.New("all that is left of the run passed, and the run is not whole"), ""}
}

// A committed is a report folder whose files get their names unless the command has
// ended by then.
type committed struct {
	*output.Folder

	stop *stop.Gate
}

// End implements [report.Reporter].
func (c *committed) End(run *report.Run) {
	done, err := c.stop.Commit()
	defer done()
	if err == nil {
		c.Folder.End(run)
	}
}

// demandable says why a run that is there cannot tell which requirements applied.
func demandable(run *report.Run, d exercised.Demand) error {
	switch {
	case !d.Any():
	case run.Plan.Shards > 1:
		return usage(fmt.Errorf("--require-exercised asks about a whole run, and this is shard %d of %d",
			run.Plan.Shard, run.Plan.Shards), "name the folders of all shards")
	case run.Conformance == nil:
		return usage(errors.New("--require-exercised asks about the requirements, "+
			"and the run held no journey against them"), "run without --conformance=off for it")
	}
	return nil
}

// sayAlone says that one shard is not the run: it may be looked at by itself, but
// the others are missing from what is written of it.
func sayAlone(p *Process, run *report.Run, dirs []string, out string) {
	shard := run.Plan.Shard
	if shard == 0 || len(dirs) > 1 {
		return
	}
	p.say(fmt.Sprintf("%s is only shard %d of %d", dirs[0], shard, run.Plan.Shards))
	for i := 1; i <= run.Plan.Shards && out != ""; i++ {
		if i != shard {
			run.Missing = append(run.Missing, i)
		}
	}
}

func sameFolder(a, b string) bool {
	if filepath.Clean(a) == filepath.Clean(b) {
		return true
	}
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

func missingShards(run *report.Run) string {
	var list []string
	for _, shard := range run.Missing {
		list = append(list, strconv.Itoa(shard))
	}
	if len(list) == 1 {
		return "shard " + list[0] + " is missing"
	}
	return "the shards " + strings.Join(list, ", ") + " are missing"
}
