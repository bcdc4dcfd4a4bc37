@tokens
Feature: Tokens
  A flow that completes ends with a code. An application exchanges it for tokens, and does
  with them what applications do.

  Background:
    Given the user "alice"

  @smoke

  Scenario: A code is good for one exchange
    Given the flow "sign-on"
    When I start the flow
    And I submit the form with:
      | username | ${user.username} |
      | password | ${user.password} |
    Then the flow completes
    When I exchange the code for tokens
    And I exchange the code a second time
    Then the code is refused with "invalid_grant"
    When I introspect the token
    Then the token is not active

  Scenario: From the password to the sign-off
    Given the flow "sign-on"
    When I start the flow
    And I submit the form with:
      | username | ${user.username} |
      | password | ${user.password} |
    Then the flow completes
    When I exchange the code for tokens
    Then the ID token has:
      | preferred_username | ${user.username} |
      | email              | ${user.email}    |
    And the access token has:
      | scope | openid |
    When I ask for the user info
    Then the user info has:
      | preferred_username | ${user.username} |
    When I introspect the token
    Then the token is active
    When I revoke the token
    And I introspect the token
    Then the token is not active
    When I refresh the tokens
    And I introspect the token
    Then the token is active
    When I sign off
    When I exchange the code a second time
    Then the code is refused with "invalid_grant"

  Scenario: A registration ends with tokens
    Given the flow "registration"
    When I start the flow
    And I press "REGISTER"
    And I submit the form with:
      | user.email       | ${user.email}      |
      | user.name.given  | ${user.givenName}  |
      | user.name.family | ${user.familyName} |
      | user.password    | ${user.password}   |
    And I submit the form with:
      | code | ${user.otp} |
    Then the flow completes
    When I exchange the code for tokens
    Then the ID token has:
      | email | ${user.email} |
    When I exchange the code a second time
    Then the code is refused with "invalid_grant"

  Scenario: A second factor ends with tokens
    Given the flow "mfa"
    When I start the flow
    And I submit the form with:
      | username | ${user.username} |
      | password | ${user.password} |
    And I submit the form with:
      | device | EMAIL |
    And I submit the form with:
      | otp | ${user.otp} |
    Then the flow completes
    When I exchange the code for tokens
    Then the ID token has:
      | preferred_username | ${user.username} |
    When I exchange the code a second time
    Then the code is refused with "invalid_grant"

  Scenario: A new password ends with tokens
    Given the flow "password-reset"
    When I start the flow
    And I press "TROUBLE"
    And I submit the form with:
      | username | ${user.username} |
    And I submit the form with:
      | recoveryCode | ${user.otp}         |
      | newPassword  | ${user.newPassword} |
    Then the flow completes
    When I exchange the code for tokens
    Then the ID token has:
      | preferred_username | ${user.username} |
    When I exchange the code a second time
    Then the code is refused with "invalid_grant"

  Scenario: Forms end with tokens
    Given the flow "forms"
    When I start the flow
    And I submit the form with:
      | user.username          | ${user.username}    |
      | user.email             | ${user.email}       |
      | user.temporaryPassword | ${user.password}    |
      | user.password          | ${user.newPassword} |
    And I fill in:
      | user.preferredLanguage | Deutsch                                         |
      | contact.channel        | email                                           |
      | contact.topics         | ["releases", "security"]                        |
      | contact.days           | mon, fri                                        |
      | user.primaryPhone      | {"countryCode": "US", "phoneNumber": "5550100"} |
      | user.acceptedTerms     | true                                            |
      | riskSignals            | signals-of-this-browser                         |
    And I press "Save"
    And I submit the form with:
      | deviceRegistration | Email |
    And I submit the form with:
      | passkey | {"attestationValue": {"id": "AQID", "type": "public-key"}} |
    Then the flow completes
    When I exchange the code for tokens
    Then the ID token has:
      | preferred_username | ${user.username} |
    When I exchange the code a second time
    Then the code is refused with "invalid_grant"

  Scenario: A return from an identity provider ends with tokens
    Given the flow "social"
    When I start the flow
    And I return from "GOOGLE" with the continue token "${user.googleToken}"
    Then the flow completes
    When I exchange the code for tokens
    Then the ID token has:
      | preferred_username | ${user.username} |
    When I exchange the code a second time
    Then the code is refused with "invalid_grant"

  Scenario: A session ends with tokens
    Given the flow "session"
    When I start the flow
    Then the flow completes
    When I exchange the code for tokens
    And I ask for the user info
    Then the user info has:
      | preferred_username | ${user.username} |
    When I exchange the code a second time
    Then the code is refused with "invalid_grant"

  Scenario: A check in the browser ends with tokens
    Given the flow "platforms"
    And the platform "javascript"
    When I start the flow
    And I submit the form with:
      | pictures | apple, pears, ripe |
    Then the flow completes
    When I exchange the code for tokens
    Then the access token has:
      | scope | openid |
    When I exchange the code a second time
    Then the code is refused with "invalid_grant"

  @detailed
  Scenario: A link in a message ends with tokens
    Given the flow "magic-link"
    And detailed responses
    When I start the flow
    And I submit the form with:
      | email | ${user.email} |
    And the screen polls until it moves on
    And I submit the form
    Then the flow completes
    When I exchange the code for tokens
    Then the ID token has:
      | email | ${user.email} |
    When I exchange the code a second time
    Then the code is refused with "invalid_grant"

  Scenario: A new passkey ends with tokens
    Given the flow "passkey"
    And the user has an authenticator
    When I start the flow
    And I submit the form with:
      | user.username | ${user.username} |
      | user.password | ${user.password} |
    And I register a passkey
    Then the flow completes
    When I exchange the code for tokens
    Then the ID token has:
      | preferred_username | ${user.username} |
    When I exchange the code a second time
    Then the code is refused with "invalid_grant"
