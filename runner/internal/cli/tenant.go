package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/tidwall/gjson"

	"flowtest/runner/internal/backend"
	"flowtest/runner/internal/output/digest"
	"flowtest/runner/internal/output/stream"
	"flowtest/runner/internal/target"
	"flowtest/runner/internal/tenant"
	"flowtest/runner/internal/tenant/execlog"
	"flowtest/runner/internal/tenant/fake"
	"flowtest/runner/internal/tenant/local"
	"flowtest/runner/report"
)

type doctorFlags struct{ config, target, against, format string }

func doctorCommand(p *Process) *cobra.Command {
	var f doctorFlags
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Check that the environment of a live target is set up for its flows",
		Long: `Doctor checks the environment of a live target: discovery, the app, its scopes and
policies, what they run, and the first answer of every flow. It prints what it found,
what flowtest needs, the request that showed it, and what to do in the console. With
a worker app in the target it asks the management API, and only reads. Without one it
checks discovery and the first answers. With --against it also lists what two
environments do not have in common.

Exit codes: 0 everything holds, 1 something does not, or the two environments differ,
2 wrong usage or configuration, 4 something could not be looked at.`,
		Example: `  flowtest doctor --target staging
  flowtest doctor --target staging --against production --format markdown`,
		Args: takes(0, 0),
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c.Context(), p) },
	}
	c.Flags().StringVar(&f.config, "config", "", "the configuration file (default flowtest.yaml, if it exists)")
	c.Flags().StringVar(&f.target, "target", "", "the live target to check")
	c.Flags().StringVar(&f.against, "against", "", "the live target to compare it with")
	addFormat(c, &f.format, "text", "markdown", "json", "junit")
	return c
}

func (f *doctorFlags) run(ctx context.Context, p *Process) error {
	w, err := p.open(f.config)
	if err != nil {
		return err
	}
	here, err := w.liveTarget(f.target, "doctor")
	if err != nil {
		return err
	}
	var found *tenant.Report
	if f.against == "" {
		found = tenant.Examine(ctx, here, backend.Reaching(here.Live, 1))
	} else {
		there, err := w.liveTarget(f.against, "doctor --against")
		if err != nil {
			return err
		}
		for _, t := range []*target.Target{here, there} {
			if t.Live.Worker == nil {
				return usage(fmt.Errorf("doctor --against compares what worker apps read, and the target %q has none",
					t.Name),
					"add worker with clientId and clientSecret to the target in "+w.called())
			}
		}
		found = tenant.Compare(ctx, here, there, backend.Reaching(here.Live, 1), backend.Reaching(there.Live, 1))
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	to := p.Stdout
	if f.format == "json" {
		to = &digest.Quoting{To: p.Stdout}
	}
	if err := found.Write(to, f.format); err != nil {
		return fmt.Errorf("doctor: %w", err)
	}
	switch {
	case found.Count(tenant.Fails)+len(found.Differences) > 0:
		return &exitError{code: ExitFailed}
	case found.Blind:
		return &exitError{code: ExitEnvironment}
	}
	return nil
}

func usersCommand(p *Process) *cobra.Command {
	var config, name string
	var clean, dry bool
	var older time.Duration
	c := &cobra.Command{
		Use:   "users --clean",
		Short: "Remove the users that interrupted runs left in a live environment",
		Long: `Users removes the users that runs of flowtest made and left behind: those that carry
the mark of flowtest in externalId and live in the population that the target names.
It touches no other user. The users of scenarios are removed when their scenario
ends, so there are some only after a crash or with --keep-users. Those of the last
hour stay, because a run in progress needs them: --older-than 0s removes them too.`,
		Example: "  flowtest users --clean --target staging --older-than 24h --dry-run",
		Args:    takes(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			w, err := p.open(config)
			if err != nil {
				return err
			}
			if !clean {
				const hint = "flowtest users --clean --dry-run says what it would remove"
				return usage(errors.New("users: want --clean"), hint)
			}
			if older < 0 {
				return usage(fmt.Errorf("users: --older-than is %s, want no time in the future", older),
					"--older-than 24h leaves the users of the last day")
			}
			t, err := w.liveTarget(name, "users")
			if err != nil {
				return err
			}
			say := func(line string) { _, _ = fmt.Fprintln(p.Stdout, line) } // the command goes on all the same
			if err := backend.CleanUsers(c.Context(), t, time.Now().Add(-older), dry, say); err != nil {
				err = fmt.Errorf("users: %w", err)
				if _, ok := errors.AsType[*backend.SetupError](err); ok {
					return usage(err, "")
				}
				return &exitError{ExitEnvironment, err, ""}
			}
			return nil
		},
	}
	c.Flags().StringVar(&config, "config", "", "the configuration file (default flowtest.yaml, if it exists)")
	c.Flags().StringVar(&name, "target", "", "the live target")
	c.Flags().BoolVar(&clean, "clean", false, "remove them")
	c.Flags().DurationVar(&older, "older-than", time.Hour,
		"leave those that were made since; a run in progress needs its users")
	c.Flags().BoolVar(&dry, "dry-run", false, "say what would be removed, and send nothing that changes anything")
	return c
}

// logFlags are those of flowtest log.
type logFlags struct {
	config, target, report, format string
	since                          time.Duration
}

func logCommand(p *Process) *cobra.Command {
	var f logFlags
	c := &cobra.Command{
		Use:   "log INTERACTION-ID | log --report DIR",
		Short: "Print which nodes a journey ran, from the execution log of a live environment",
		Long: `Log reads the execution log of DaVinci: which nodes a journey ran in its flow and in the
subflows, which of them failed, and with which inputs. INTERACTION-ID is the property
interactionId of the answers of the journey. With --report it prints the log of each
scenario that failed in a report folder of a live run.

It needs a worker app in the target with the role "DaVinci Admin Read Only", and only
sends GETs. Passwords, codes and tokens are not printed.

Exit codes: 0 the log was printed, 2 wrong usage or configuration, 4 it could not be
read, or it does not have the journey.`,
		Example: `  flowtest log 0b1c9a52-6f0e-4d51-9d0c-7f6f3c2f7a11 --target staging
  flowtest log --report out --format json`,
		Args: takes(0, 1),
		RunE: func(c *cobra.Command, args []string) error {
			return f.run(c.Context(), p, strings.Join(args, ""))
		},
	}
	c.Flags().StringVar(&f.config, "config", "", "the configuration file (default flowtest.yaml, if it exists)")
	c.Flags().StringVar(&f.target, "target", "", "the live target (default with --report: that of the report)")
	c.Flags().StringVar(&f.report, "report", "", "the report `DIR` whose failed scenarios are looked up")
	c.Flags().DurationVar(&f.since, "since", 24*time.Hour, "how old an interaction may be that is looked for")
	addFormat(c, &f.format, "text", "json")
	return c
}

func (f *logFlags) run(ctx context.Context, p *Process, id string) error {
	if (id == "") == (f.report == "") {
		return usage(errors.New("log: want an interactionId, or --report DIR"),
			"an answer of the flow has the interactionId; the report of a run shows it too")
	}
	w, err := p.open(f.config)
	if err != nil {
		return err
	}
	wanted := []execution{{ids: []string{id}, since: time.Now().Add(-f.since)}}
	name := f.target
	if f.report != "" {
		var of string
		if wanted, of, err = failedIn(p, f.report); err != nil {
			return err
		}
		name = cmp.Or(name, of)
	}
	t, err := w.liveTarget(name, "log")
	if err != nil {
		return err
	}
	reader, err := backend.LogReader(ctx, t)
	if err != nil {
		return usage(fmt.Errorf("log: %w", err), "")
	}
	policies := slices.Compact(slices.Sorted(maps.Values(t.Live.Flows)))
	var failed []error
	for i := range wanted {
		failed = append(failed, f.print(ctx, plain{p.Stdout}, reader, policies, &wanted[i]))
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err := errors.Join(failed...); err != nil {
		return &exitError{ExitEnvironment, fmt.Errorf("log: %w", err), ""}
	}
	return nil
}

// print prints the log of the journeys of an execution. The error joins what could not be read.
func (f *logFlags) print(ctx context.Context, to io.Writer, r *execlog.Reader, policies []string, e *execution) error {
	seen := map[string]bool{}
	var failed []error
	for _, id := range e.ids {
		if seen[id] {
			continue
		}
		log, err := r.Find(ctx, id, policies, e.since)
		if err == nil && e.name != "" && f.format == "text" {
			_, err = fmt.Fprintf(to, "%s\n", e.name)
		}
		if err == nil {
			err = execlog.Write(to, log, f.format)
		}
		if err != nil {
			failed = append(failed, err)
			continue
		}
		for i := range log.Flows {
			seen[log.Flows[i].Interaction] = true
		}
	}
	return errors.Join(failed...)
}

// An execution is one that is looked up in the log.
type execution struct {
	name  string // FILE:LINE and name of its scenario
	ids   []string
	since time.Time
}

// failedIn returns the executions of the scenarios that failed in a report, and the target of
// the run.
func failedIn(p *Process, dir string) (list []execution, of string, err error) {
	h, err := openStream(p, dir)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = h.Close() }() // it was only read
	failed := &failures{}
	run, _, err := stream.Merge(failed, stream.Input{Name: dir, R: h})
	if err != nil {
		return nil, "", err
	}
	if len(failed.list) == 0 {
		return nil, "", usage(fmt.Errorf("log: %s has no failed scenario with an interactionId", dir),
			"flowtest log INTERACTION-ID prints the log of any journey")
	}
	return failed.list, run.Plan.Target, nil
}

// failures is a reporter that collects what failed.
type failures struct {
	report.Discard

	list []execution
}

// Scenario implements [report.Reporter].
func (f *failures) Scenario(s *report.Scenario) {
	if !s.Status.Bad() {
		return
	}
	one := execution{name: fmt.Sprintf("%s:%d %s", s.File, s.Line, s.Name), since: s.Began}
	for i := range s.Hops {
		if e := s.Hops[i].Evidence; e != nil {
			id := gjson.GetBytes(e.Body, "interactionId").Str
			if id != "" && !slices.Contains(one.ids, id) {
				one.ids = append(one.ids, id)
			}
		}
	}
	if len(one.ids) > 0 {
		f.list = append(f.list, one)
	}
}

// tenantFlags are the flags of serve for the tenant beside the replay.
type tenantFlags struct {
	on        bool
	smtp, sms string
}

func (f *tenantFlags) add(c *cobra.Command) {
	c.Flags().BoolVar(&f.on, "tenant", false,
		"answer the management API too, for flowtest doctor and log, for users that features make and for their codes")
	c.Flags().StringVar(&f.smtp, "smtp", "",
		"with --tenant: the SMTP server, `HOST:PORT`, to which its emails are sent")
	c.Flags().StringVar(&f.sms, "sms", "", "with --tenant: the `URL` to which its text messages are posted")
}

// withTenant puts a tenant beside a replay, in which everything holds.
func (r *replayed) withTenant(to io.Writer, replay http.Handler, base string, f *tenantFlags) http.Handler {
	c := local.Config{
		Tenant: fake.Config{
			Base: base, Environment: r.env, RedirectURI: "https://app.example.com/callback",
			Policies: map[string]string{}, Population: "flowtest", Period: 1, // no step waits for the next code
		},
		Users: r.users.users, Flows: r.flows, SMTP: f.smtp, SMS: f.sms, To: &http.Transport{}, Say: r.p.say,
	}
	for _, f := range r.flows {
		c.Tenant.Policies[f.Name], _ = r.Policy(f.Name)
	}
	_, _ = fmt.Fprintf(to, "the management API is at %s/v1, for the worker app %s with the secret %s\n"+
		"new users are in the population %s\n", base, fake.WorkerID, fake.WorkerSecret, c.Tenant.Population)
	if f.smtp == "" {
		_, _ = fmt.Fprintf(to, "emails are at %s%s, as in Mailpit\n", base, local.MailPath)
	}
	return r.tenant.Open(c, r.Server, replay)
}
