@social
Feature: Sign on with an account elsewhere
  A person signs on with Google or Facebook in a browser. The app comes back with the
  continue token of the redirect, and the flow goes on.

  Background:
    Given the flow "social"
    And the user "alice"

  @smoke
  Scenario: Google knows the person
    When I start the flow
    Then the flow pauses at "Sign On Form"
    And the form has the fields:
      | key           | type                |
      | user.username | TEXT                |
      | user.password | PASSWORD            |
      | submit        | SUBMIT_BUTTON       |
      | google        | SOCIAL_LOGIN_BUTTON |
      | facebook      | SOCIAL_LOGIN_BUTTON |
    And "_links.continue.href" is a string
    And the field "user.username" is required
    And the field "user.password" is required
    And the form has the fields:
      | key           | type                | label                  |
      | user.username | TEXT                | Username               |
      | user.password | PASSWORD            | Password               |
      | submit        | SUBMIT_BUTTON       | Sign On                |
      | google        | SOCIAL_LOGIN_BUTTON | Continue with Google   |
      | facebook      | SOCIAL_LOGIN_BUTTON | Continue with Facebook |
    And "form.description" is "Sign on with a password or an account elsewhere"
    When I return from "GOOGLE" with the continue token "${user.googleToken}"
    Then the flow completes
    And the session cookies have:
      | httponly | true |
      | secure   | true |

  Scenario: Facebook leaves something open
    When I start the flow
    And I return from "FACEBOOK" with the continue token "${user.facebookToken}"
    Then the flow pauses at "Email Form"
    And the field "user.email" is required
    And the form has the fields:
      | key        | type          | label         |
      | user.email | TEXT          | Email address |
      | submit     | SUBMIT_BUTTON | Continue      |
      | CANCEL     | FLOW_BUTTON   | Cancel        |
    And "form.description" is "Facebook did not tell your email address"
    When I submit the form with:
      | key        | value         |
      | user.email | ${user.email} |
    Then the flow completes
    And the session cookies have:
      | httponly | true |
      | secure   | true |

  Scenario: A provider is named by its button too
    When I start the flow
    And I return from "Continue with Facebook" with the continue token "${user.facebookToken}"
    Then the flow pauses at "Email Form"
    When I press "Cancel"
    Then the flow pauses at "Sign On Form"
    When I return from "google" with the continue token "${user.googleToken}"
    Then the flow completes

  Scenario: A token that is over is refused, and the form stays
    When I start the flow
    And I return from "GOOGLE" with the continue token "of-yesterday"
    Then the response status is 400
    And the flow reports an error with code "invalidContinueToken"
    And "message" is "The continue token is invalid or has expired"
    When I submit the form with:
      | key           | value            |
      | user.username | ${user.username} |
      | user.password | ${user.password} |
    Then the flow completes
    And the session cookies have:
      | httponly | true |
      | secure   | true |

  Scenario: A wrong password is refused, and the form stays
    When I start the flow
    And I submit the form with:
      | key           | value            |
      | user.username | ${user.username} |
      | user.password | not-the-password |
    Then the response status is 400
    And the flow reports "Invalid username and/or password"
    And the flow reports an error with code "invalidCredentials"
    And the form offers "google"

  Scenario: The form is in French
    Given the request headers:
      | Accept-Language | fr |
    When I start the flow
    Then the form has the fields:
      | key           | type                | label                   |
      | user.username | TEXT                | Nom d’utilisateur       |
      | user.password | PASSWORD            | Mot de passe            |
      | submit        | SUBMIT_BUTTON       | Se connecter            |
      | google        | SOCIAL_LOGIN_BUTTON | Continuer avec Google   |
      | facebook      | SOCIAL_LOGIN_BUTTON | Continuer avec Facebook |

  Scenario Outline: The form speaks the language of the person: <language>
    Given the request headers:
      | name            | value      |
      | Accept-Language | <language> |
    When I start the flow
    Then the flow pauses at "Sign On Form"
    And "form.components.fields.#(key==google).label" is "<label>"
    And the field "user.username" is required
    And the field "user.password" is required
    And every field comes empty
    And the response matches the schema "../schemas/screen.json"
    When I return from "GOOGLE" with the continue token "${user.googleToken}"
    Then the flow completes
    And the session cookies have:
      | httponly | true |
      | secure   | true |

    Examples:
      | language              | label                 |
      | fr                    | Continuer avec Google |
      | fr-CA, fr;q=0.9, en   | Continuer avec Google |
      | en-GB, en;q=0.9       | Continue with Google  |
      | de-DE, de, fr;q=0.5   | Continue with Google  |
