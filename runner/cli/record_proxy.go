package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"sync"

	"flowtest/recordings"
	"flowtest/recordings/har"
	"flowtest/runner"
	"flowtest/runner/proxy"
)

// recordProxy stands between an app and the live environment until ctx ends,
// and writes recordings of what went through.
func (p *Process) recordProxy(ctx context.Context, f *recordFlags, args []string) (err error) {
	if len(args) > 0 || f.tags != "" || f.name != "" {
		return usage(errors.New("record --proxy records what an app sends: it takes no features, --tags or --name"), "")
	}
	w, err := p.open(f.config)
	if err != nil {
		return err
	}
	t, err := w.liveTarget(f.target, "record --proxy")
	if err != nil {
		return err
	}
	r, err := p.recorder(w, t, f.out, f.fresh)
	if err != nil {
		return err
	}
	if f.flow != "" {
		if err := r.Open([]string{f.flow}); err != nil {
			return usage(err, "")
		}
	}
	defer func() { err = errors.Join(err, r.Close()) }()

	upstream, err := url.Parse(t.Live.Authorize)
	if err != nil {
		return usage(err, "")
	}
	environment := strings.TrimSuffix(upstream.Path, "/as/authorize")
	upstream = &url.URL{Scheme: upstream.Scheme, Host: upstream.Host}
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", f.listen)
	if err != nil {
		return usage(fmt.Errorf("record: %w", err), "--listen takes HOST:PORT, as in 127.0.0.1:8920")
	}
	scheme := "http"
	if f.tls {
		scheme = "https"
		var remove func()
		if l, remove, err = p.secure(l); err != nil {
			return err
		}
		defer remove()
	}
	var mu sync.Mutex
	var seen []recordings.Exchange
	handler, err := proxy.New(proxy.Config{
		Upstream: upstream, Public: &url.URL{Scheme: scheme, Host: l.Addr().String()},
		Transport: runner.LiveTransport(t.Live, 16), Log: slog.New(slog.NewTextHandler(p.Stderr, nil)),
		Take: func(x recordings.Exchange) {
			mu.Lock()
			defer mu.Unlock()
			seen = append(seen, x)
		},
	})
	if err != nil {
		return usage(errors.Join(err, l.Close()), "")
	}
	public := scheme + "://" + l.Addr().String()
	if _, err := fmt.Fprintf(p.Stdout, "recording what goes through %s to %s; Ctrl-C saves\n  discovery %s\n  authorize %s\n",
		public, upstream, public+environment+"/as/.well-known/openid-configuration", public+environment+"/as/authorize",
	); err != nil {
		return usage(errors.Join(err, l.Close()), "")
	}
	if err := p.serveUntil(ctx, l, handler); err != nil {
		return err
	}
	mu.Lock()
	defer mu.Unlock()
	return p.saveGroups(r, har.Group(seen), f.flow)
}

// saveGroups writes recordings of sign-ons that somebody else drove.
func (p *Process) saveGroups(r *runner.Recorder, g har.Groups, flow string) error {
	for _, i := range g.Ignored {
		p.say(fmt.Sprintf("left out: %s to %s (%s)", counted(i.Count, "request"), i.Host, i.Kind))
	}
	for _, problem := range g.Problems {
		p.say("not used: " + problem.String())
	}
	if len(g.Takes) == 0 {
		return &exitError{ExitNothing, errors.New("no journey of a flow was seen"), ""}
	}
	takes := map[string][]recordings.Take{}
	for _, t := range g.Takes {
		name := flow
		if name == "" {
			var err error
			if name, err = r.FlowOf(t); err != nil {
				return usage(err, "")
			}
		}
		takes[name] = append(takes[name], t)
	}
	return p.saveAll(r, takes)
}
