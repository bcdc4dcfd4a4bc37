@registration @users
Feature: A verified registration
  A newcomer verifies the address with the code of the email, and has an account then.

  Scenario: A newcomer exists once the address is verified
    Given the flow "registration"
    When I start the flow
    Then the flow pauses at "Sign On Form"
    When I press "REGISTER"
    Then the flow pauses at "Registration Form"
    When I submit the form with:
      | key              | value              |
      | user.email       | ${unique.email}    |
      | user.name.given  | ${unique.username} |
      | user.name.family | ${unique}          |
      | user.password    | ${unique.password} |
    Then the flow pauses at "Verify Email Form"
    And the user does not exist
    When I fill in "code" with the code from the email
    And I press "VERIFY"
    Then the flow completes
    And the user exists
    And the user's "name.family" is "${unique}"
    And the user's "email" is "${unique.email}"
