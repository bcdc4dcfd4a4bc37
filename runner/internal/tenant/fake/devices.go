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

// devices are the MFA devices of a user.
type devices struct {
	*directory

	of *person
}

// answer answers the paths of MFA devices.
func (s *devices) answer(r *http.Request, parts []string, body map[string]any) answer {
	const one, single = 3, 4
	switch {
	case len(parts) == one && r.Method == http.MethodGet:
		var all []any
		for _, d := range s.of.devices {
			shown := maps.Clone(d.shown)
			delete(shown, "secret") // only the first answer shows it
			delete(shown, "keyUri")
			all = append(all, shown)
		}
		return s.list("/users/"+parts[1]+"/devices", all, r.URL.Query())
	case len(parts) == one && r.Method == http.MethodPost:
		return s.pair(parts[1], body)
	case len(parts) == single:
		for i, d := range s.of.devices {
			switch {
			case d.shown["id"] != parts[one]:
			case r.Method == http.MethodDelete:
				s.of.devices = slices.Delete(s.of.devices, i, i+1)
				s.signsOn(s.of)
				return answer{status: http.StatusNoContent}
			case r.Header.Get("Content-Type") != "application/vnd.pingidentity.device.activate+json":
				return answer{
					status: http.StatusUnsupportedMediaType,
					body:   failure("UNSUPPORTED_MEDIA_TYPE", "The media type of the request is not supported."),
				}
			default:
				return s.activate(d, text(body, "otp"))
			}
		}
	}
	return gone()
}

// pair creates a device.
func (s *devices) pair(user string, body map[string]any) answer {
	d := &device{made: s.Now(), used: map[string]bool{}, shown: map[string]any{
		"id": newID(), "type": text(body, "type"), "status": "ACTIVE", "createdAt": s.now(), "updatedAt": s.now(),
		"environment": s.environment(), "user": map[string]any{"id": user},
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
			url.PathEscape(text(s.of.shown, "username")), d.secret, s.Period)
	default:
		return refusal("INVALID_VALUE", "The device type is not valid.", "type")
	}
	s.of.devices = append(s.of.devices, d)
	s.signsOn(s.of)
	return answer{status: http.StatusOK, body: maps.Clone(d.shown)}
}

// activate activates a device with a code, which works once.
func (s *devices) activate(d *device, code string) answer {
	now := s.Now()
	right, _ := totp.ValidateCustom(code, d.secret, now, totp.ValidateOpts{
		Period: uint(s.Period), Skew: uint(usualPeriod / s.Period), Digits: otp.DigitsSix,
	})
	switch {
	case d.secret == "" && code == s.of.otp, d.secret != "" && right && !d.used[code] && now.Sub(d.made) <= activation:
	default:
		return refusal("INVALID_OTP", "The OTP is not valid.", "otp")
	}
	d.used[code], d.shown["status"] = true, "ACTIVE"
	shown := maps.Clone(d.shown)
	delete(shown, "secret")
	delete(shown, "keyUri")
	return answer{status: http.StatusOK, body: shown}
}
