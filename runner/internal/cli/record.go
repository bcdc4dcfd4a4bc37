package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"flowtest/runner"
	"flowtest/runner/internal/backend"
	"flowtest/runner/internal/check"
	"flowtest/runner/internal/output"
	"flowtest/runner/internal/proxy"
	"flowtest/runner/internal/record"
	"flowtest/runner/internal/target"
	"flowtest/runner/internal/watch"
	"flowtest/runner/report"
	"flowtest/steps/words"
)

type recordFlags struct {
	record.Flags

	flow, listen      string
	twice, proxy, tls bool
	rate              float64
}

func recordCommand(p *Process) *cobra.Command {
	var f recordFlags
	c := &cobra.Command{
		Use:   "record [PATH[:LINE]…] --target LIVE",
		Short: "Record journeys through a live environment",
		Long: `Record runs features against a live target and writes recordings of the flows
that they drive. It runs each scenario twice, to distinguish generated values from
constant ones, and adds the journeys to the recording that exists. With --proxy it
forwards the requests of an app to the live environment until Ctrl-C, and records
them.

Record writes nothing secret: it removes passwords, codes, tokens, cookies and the
values of the target's users. An unknown string that looks like a secret stops the
recording until flowtest.yaml allows it.`,
		Example: `  flowtest record --target staging
  flowtest record features/sign-on --target staging --fresh
  flowtest record --proxy --target staging --listen 127.0.0.1:8920`,
		RunE: func(c *cobra.Command, args []string) error {
			if f.proxy {
				return f.proxied(c.Context(), p, args)
			}
			for _, flag := range []string{"listen", "tls", "flow"} {
				if c.Flags().Changed(flag) {
					return usage(fmt.Errorf("record: --%s needs --proxy", flag),
						"flowtest record --proxy --target staging records what an app sends")
				}
			}
			return f.run(c.Context(), p, args)
		},
	}
	c.Flags().StringVar(&f.Config, "config", "", "the configuration file (default flowtest.yaml)")
	c.Flags().StringVar(&f.Target, "target", "", "the live target of flowtest.yaml")
	c.Flags().StringVar(&f.Out, "out", "", "the folder of recordings to write to (default that of flowtest.yaml)")
	c.Flags().BoolVar(&f.Fresh, "fresh", false, "start each recording again instead of adding to it")
	c.Flags().StringVar(&f.Tags, "tags", "", "only scenarios that a Cucumber tag expression chooses")
	c.Flags().StringVar(&f.Name, "name", "", "only scenarios whose name matches a regular expression")
	c.Flags().BoolVar(&f.twice, "twice", true, "run each scenario twice, to find out which values are generated")
	addRate(c, &f.rate, "requests a second to the target")
	c.Flags().BoolVar(&f.proxy, "proxy", false, "record what an app sends through this process")
	c.Flags().StringVar(&f.listen, "listen", defaultProxy, "with --proxy: the address to listen on")
	c.Flags().BoolVar(&f.tls, "tls", false,
		"with --proxy: listen with TLS, with a certificate of a CA that flowtest makes at the start")
	c.Flags().StringVar(&f.flow, "flow", "", "with --proxy: the flow's name, if the target does not name it")
	return c
}

// newRecorder prepares what writes recordings of a target's flows into the folder
// --out, else into that of flowtest.yaml.
func newRecorder(w *workspace, t *target.Target, out string, fresh bool) (*record.Recorder, error) {
	dir := w.folder(out)
	if dir == "" {
		return nil, usage(errors.New("there is no flowtest.yaml here, so it is not clear where recordings go"),
			"say it with --out DIR, or write a flowtest.yaml with flowtest init")
	}
	return &record.Recorder{
		Dir: dir, Target: t, Allow: w.file.Allow, Fresh: fresh, Tool: "flowtest " + version(),
		Commit: w.p.stop.Commit, Say: w.p.say,
	}, nil
}

// recordError gives errors of package record their exit codes.
func recordError(err error) error {
	var all []error
	for _, one := range apart(err) {
		e, ok := errors.AsType[*record.Error](one)
		switch {
		case ok && e.Environment:
			one = &exitError{ExitEnvironment, e.Err, e.Hint}
		case ok:
			one = usage(e.Err, e.Hint)
		case errors.Is(one, record.ErrNoJourney):
			one = &exitError{ExitNothing, one, ""}
		}
		all = append(all, one)
	}
	return errors.Join(all...)
}

// run records the journeys of a run.
func (f *recordFlags) run(ctx context.Context, p *Process, args []string) (err error) {
	w, err := p.open(f.Config)
	if err != nil {
		return err
	}
	t, err := w.liveTarget(f.Target, "record")
	if err != nil {
		return err
	}
	s := &runner.Suite{
		Target: t, Env: p.Env, Tags: f.Tags, Name: f.Name, Repeat: 1, Rate: f.rate, Conformance: runner.OffBroken,
		Plan: report.Plan{Where: w.where, Version: version()}, Reporter: output.NewProgress(p.Stdout, p.color()),
	}
	if f.twice {
		s.Repeat, s.Reporter = record.Times, record.Once(s.Reporter)
	}
	if s.Sentences, err = w.sentences(); err != nil {
		return err
	}
	journeys := record.NewRun(s)
	if s.Features, err = w.sources(args); err != nil {
		return err
	}
	r, err := newRecorder(w, t, f.Out, f.Fresh)
	if err != nil {
		return err
	}
	places, flows, err := s.Chosen(ctx)
	if err != nil {
		return runError(err)
	}
	if wrong := check.Refused(ctx, s, places); len(wrong) > 0 {
		return usage(errors.New(strings.Join(wrong, "\n")),
			"nothing was sent: mend these first, or choose other scenarios with PATH:LINE, --tags or --name")
	}
	if err := r.Open(flows); err != nil {
		return err
	}
	defer r.Close()
	run, err := s.Run(ctx)
	if err != nil {
		return runError(err)
	}
	if run.Interrupted {
		stopped := errors.New("record: stopped: nothing was written, and every recording is as it was")
		return &exitError{ExitFailed, stopped, ""}
	}
	save := record.Saver{Recorder: r, Out: p.Stdout, Say: p.say, Run: journeys}
	err = recordError(save.Save(journeys.Journeys(p.say)))
	for _, line := range journeys.Again(f.Flags) {
		p.say(line)
	}
	if exitCode(err) == ExitUsage {
		return err
	}
	verdict := verdict(run)
	if exitCode(verdict) == ExitFailed && journeys.OnlyEnvironment() {
		verdict = &exitError{code: ExitEnvironment} // a CI may try again
	}
	return errors.Join(err, verdict)
}

// defaultProxy is where record --proxy listens by default.
const defaultProxy = "127.0.0.1:8920"

// proxied passes on what an app sends to the live environment until ctx ends, and
// records it.
func (f *recordFlags) proxied(ctx context.Context, p *Process, args []string) (err error) {
	if len(args) > 0 || f.Tags != "" || f.Name != "" {
		return usage(errors.New("record --proxy records what an app sends: it takes no features, --tags or --name"),
			"flowtest record --proxy --target staging is the whole command")
	}
	w, err := p.open(f.Config)
	if err != nil {
		return err
	}
	t, err := w.liveTarget(f.Target, "record --proxy")
	if err != nil {
		return err
	}
	r, err := newRecorder(w, t, f.Out, f.Fresh)
	if err != nil {
		return err
	}
	flows := slices.Sorted(maps.Keys(t.Live.Flows))
	if f.flow != "" {
		flows = []string{f.flow}
	}
	// The lock is taken before the app begins: otherwise the session would be lost if
	// another process records the same flow.
	if err := r.Open(flows); err != nil {
		return err
	}
	defer r.Close()

	r.Keep = true // what an app did by hand cannot be repeated exactly
	s := &proxySession{p: p, flags: f, recorder: r, seen: record.NewSession(r, f.flow, p.say)}
	if err := s.serve(ctx, t.Live); err != nil {
		return err
	}
	if err := p.stop.Finishing("what went through the proxy is saved"); err != nil {
		return err
	}
	return s.save() //nolint:contextcheck // ctx has ended: that began the saving
}

// A proxySession is what an app does through the proxy.
type proxySession struct {
	p        *Process
	flags    *recordFlags
	recorder *record.Recorder
	seen     *record.Session
	through  *proxy.Proxy
	at       string // the proxy's address
	stopped  error  // why the proxy did not end as it should
}

// serve passes on what the app sends until ctx ends.
func (s *proxySession) serve(ctx context.Context, live *target.Live) error {
	upstream, err := url.Parse(live.Authorize)
	if err != nil {
		return err
	}
	environment := strings.TrimSuffix(upstream.Path, "/as/authorize")
	upstream = &url.URL{Scheme: upstream.Scheme, Host: upstream.Host}
	l, public, err := listenForApp(ctx, s.flags.listen)
	if err != nil {
		return err
	}
	defer func() { _ = l.Close() }() // serving has closed it already, where it came to that
	if s.flags.tls {
		var remove func()
		if l, _, remove, err = s.p.secure(l, ""); err != nil {
			return err
		}
		defer remove()
		public.Scheme = "https"
	}
	s.at = public.String()
	s.through, err = proxy.New(proxy.Config{
		Upstream: upstream, Public: public, Transport: backend.LiveTransport(live, connections),
		Log: slog.New(slog.NewTextHandler(s.p.Stderr, nil)), Take: s.seen.Add,
	})
	if err != nil {
		return err
	}
	root := s.at + environment + "/as"
	said := fmt.Sprintf("recording what goes through %s to %s; Ctrl-C saves\n"+
		"  discovery %s/.well-known/openid-configuration\n  authorize %s/authorize\n", s.at, upstream, root, root)
	// What went through is saved, however the serving ended.
	s.stopped = s.p.serveUntil(ctx, l, s.through, func(out *bufio.Writer) { _, _ = out.WriteString(said) })
	return nil
}

// connections is how many the proxy keeps open to the live side.
const connections = 16

// listenForApp opens the port and returns the address at which an app reaches it: the
// requested name, since cookies of localhost are none of 127.0.0.1.
func listenForApp(ctx context.Context, at string) (net.Listener, *url.URL, error) {
	host, _, err := net.SplitHostPort(at)
	if err != nil {
		return nil, nil, usage(fmt.Errorf("record: --listen %q is not an address: %w", at, err),
			"--listen takes HOST:PORT, as in "+defaultProxy)
	}
	l, err := openPort(ctx, "record", at, defaultProxy)
	if err != nil {
		return nil, nil, err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return l, &url.URL{Scheme: "http", Host: net.JoinHostPort(host, port)}, err
}

// save writes recordings of what went through. If something is refused, and a person is there who
// can change the configuration, the session is kept until it is saved: to sign on in all those
// ways again may take an hour. A second signal ends the process while it waits.
func (s *proxySession) save() error {
	config := s.p.above(configName)
	if s.flags.Config != "" {
		config = s.p.path(s.flags.Config)
	}
	files, err := watch.New(func(file string, _ bool) bool { return file == absolute(config) },
		func(string) bool { return false })
	if err == nil {
		defer files.Close()
		err = files.Watch([]string{absolute(config)}, nil)
	}
	if err != nil {
		return errors.Join(s.saveOnce(), err)
	}
	for {
		err := s.saveOnce()
		if exitCode(err) != ExitUsage || !s.p.Terminal {
			return err
		}
		s.p.sayError(err)
		s.p.say("what was recorded is still in memory, and will be saved again as soon as " + config +
			" has changed; Ctrl-C gives up what was not saved")
		for reloaded := false; !reloaded; {
			if _, err := files.Next(context.Background()); err != nil {
				return err
			}
			reloaded = s.p.sayError(s.reload()) == ExitPassed
		}
	}
}

// reload reads again who the users are, which flows there are, and what is not a secret.
func (s *proxySession) reload() error {
	w, err := s.p.open(s.flags.Config)
	if err != nil {
		return err
	}
	t, err := w.liveTarget(s.flags.Target, "record --proxy")
	if err != nil {
		return err
	}
	s.recorder.Target, s.recorder.Allow = t, w.file.Allow
	return nil
}

// saveOnce writes recordings of all that can be saved.
func (s *proxySession) saveOnce() error {
	if n := s.through.NotPassedOn(); n > 0 {
		s.p.say(words.Count(n, "request") + " of the app could not be passed on")
	}
	journeys, err := s.seen.Journeys()
	err = recordError(err)
	if e, ok := errors.AsType[*exitError](err); ok && e.code == ExitNothing {
		e.hint = "the app has to send its requests to " + s.at + ", with response_mode=pi.flow"
	}
	// What has a name is saved, whatever becomes of the others.
	save := record.Saver{Recorder: s.recorder, Out: s.p.Stdout, Say: s.p.say}
	for _, later := range []error{recordError(save.Save(journeys)), s.stopped} {
		if err == nil {
			err = later
		} else if later != nil {
			s.p.say("error: " + later.Error())
		}
	}
	return err
}
