package fake

import (
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

const (
	usualPeriod = 30
	activation  = 30 * time.Minute // how long a new device can be activated
)

type device struct {
	shown  map[string]any
	secret string
	made   time.Time
	used   map[string]bool // codes
}

// device answers the paths of MFA devices.
func (t *Tenant) device(r *http.Request, parts []string, p *person, body map[string]any) answer {
	const one, single = 3, 4
	switch {
	case len(parts) == one && r.Method == http.MethodGet:
		var all []any
		for _, d := range p.devices {
			shown := maps.Clone(d.shown)
			delete(shown, "secret") // it is shown once
			delete(shown, "keyUri")
			all = append(all, shown)
		}
		return t.list("/users/"+parts[1]+"/devices", all, r.URL.Query())
	case len(parts) == one && r.Method == http.MethodPost:
		return t.pair(parts[1], p, body)
	case len(parts) == single:
		for i, d := range p.devices {
			switch {
			case d.shown["id"] != parts[one]:
			case r.Method == http.MethodDelete:
				p.devices = slices.Delete(p.devices, i, i+1)
				t.signsOn(p)
				return answer{status: http.StatusNoContent}
			case r.Header.Get("Content-Type") != "application/vnd.pingidentity.device.activate+json":
				return answer{
					status: http.StatusUnsupportedMediaType,
					body:   failure("UNSUPPORTED_MEDIA_TYPE", "The media type of the request is not supported."),
				}
			default:
				return t.activate(p, d, text(body, "otp"))
			}
		}
	}
	return gone()
}

// pair makes a device.
func (t *Tenant) pair(user string, p *person, body map[string]any) answer {
	d := &device{made: t.config.Now(), used: map[string]bool{}, shown: map[string]any{
		"id": newID(), "type": text(body, "type"), "status": "ACTIVE", "createdAt": t.now(), "updatedAt": t.now(),
		"environment": map[string]any{"id": t.config.Environment}, "user": map[string]any{"id": user},
	}}
	switch d.shown["type"] {
	case "EMAIL":
		d.shown["email"] = text(body, "email")
	case "SMS", "VOICE":
		d.shown["phone"] = text(body, "phone")
	case "TOTP":
		raw := make([]byte, 20)
		_, _ = rand.Read(raw)
		d.secret = base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw)
		d.shown["status"], d.shown["secret"] = "ACTIVATION_REQUIRED", d.secret
		d.shown["keyUri"] = fmt.Sprintf("otpauth://totp/PingOne:%s?secret=%s&issuer=PingOne&period=%d",
			url.PathEscape(text(p.shown, "username")), d.secret, t.config.Period)
	default:
		return refusal("INVALID_VALUE", "The device type is not valid.", "type")
	}
	p.devices = append(p.devices, d)
	t.signsOn(p)
	return answer{status: http.StatusOK, body: maps.Clone(d.shown)}
}

// activate activates a device with a code, which holds once.
func (t *Tenant) activate(p *person, d *device, code string) answer {
	now := t.config.Now()
	right, _ := totp.ValidateCustom(code, d.secret, now, totp.ValidateOpts{
		Period: uint(t.config.Period), Skew: uint(usualPeriod / t.config.Period), Digits: otp.DigitsSix,
	})
	switch {
	case d.secret == "" && code == p.otp, d.secret != "" && right && !d.used[code] && now.Sub(d.made) <= activation:
	default:
		return refusal("INVALID_OTP", "The OTP is not valid.", "otp")
	}
	d.used[code], d.shown["status"] = true, "ACTIVE"
	shown := maps.Clone(d.shown)
	delete(shown, "secret")
	delete(shown, "keyUri")
	return answer{status: http.StatusOK, body: shown}
}
