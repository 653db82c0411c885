namespace CustomerFunctions.Tests.Impersonation;

public sealed class ImpersonateTests
{
    private const string Reason = "ticket 4711: cannot see keys";

    [Fact]
    public async Task Staff_see_what_the_person_sees_for_half_an_hour_and_may_less()
    {
        await using var app = await App.StartWithoutSchedules();
        var staff = await Person.Staff(app, "operator");
        await staff.SetUpSecondFactor();
        var person = await Person.SignedUp(app);
        var (own, other) = ((string)(await app.CreateCustomer())["id"]!, (string)(await app.CreateCustomer())["id"]!);
        (await app.Admin.Put($"/api/customers/{own}/members/{await person.Id()}", new { role = "owner" })).ShouldBe(201);

        var begun = (await staff.Api.Post($"/api/accounts/{await person.Id()}/impersonate", new { reason = Reason })).ShouldBe(200);

        var impersonated = app.Caller((string)begun["accessToken"]!);
        (await impersonated.Get($"/api/customers/{own}")).ShouldBe(200);
        (await impersonated.Get($"/api/customers/{other}")).ShouldBeRefused(404, "not-found");
        (await impersonated.Post($"/api/customers/{own}/api-keys", new { name = "mine" })).ShouldBeRefused(403, "forbidden");
        (await impersonated.Put($"/api/customers/{own}/members/{await person.Id()}", new { role = "viewer" })).ShouldBeRefused(403, "forbidden");
        (await impersonated.Post("/api/auth/change-password", new { currentPassword = Person.FirstPassword, newPassword = "another long password" })).ShouldBeRefused(403, "forbidden");
        (await impersonated.Post($"/api/accounts/{await person.Id()}/impersonate", new { reason = Reason })).ShouldBeRefused(403, "forbidden");
        await app.Cloud.Advance(TimeSpan.FromMinutes(30));
        (await impersonated.Get($"/api/customers/{own}")).Status.Should().Be(401);
    }

    [Fact]
    public async Task It_ends_with_the_staff_members_own_session()
    {
        var app = await App.Shared;
        var staff = await Person.Staff(app, "operator");
        await staff.SetUpSecondFactor();
        var person = await Person.SignedUp(app);
        var begun = (await staff.Api.Post($"/api/accounts/{await person.Id()}/impersonate", new { reason = Reason })).ShouldBe(200);
        var customers = $"/api/accounts/{await person.Id()}/customers";
        (await app.Caller((string)begun["accessToken"]!).Get(customers)).ShouldBe(200);

        (await staff.Api.Post("/api/auth/sign-out")).ShouldBe(204);

        (await app.Caller((string)begun["accessToken"]!).Get(customers)).ShouldBeRefused(401, "session-over");
    }

    [Fact]
    public async Task Staff_keys_and_short_reasons_impersonate_nobody()
    {
        var app = await App.Shared;
        var (staff, other, person) = (await Person.Staff(app, "operator"), await Person.Staff(app, "sales_rep"), await Person.SignedUp(app));
        await staff.SetUpSecondFactor();

        (await staff.Api.Post($"/api/accounts/{await other.Id()}/impersonate", new { reason = Reason })).ShouldBeRefused(403, "forbidden");
        (await app.Admin.Post($"/api/accounts/{await person.Id()}/impersonate", new { reason = Reason })).ShouldBeRefused(403, "forbidden");
        (await person.Api.Post($"/api/accounts/{await person.Id()}/impersonate", new { reason = Reason })).ShouldBeRefused(403, "forbidden");
        (await staff.Api.Post($"/api/accounts/{await person.Id()}/impersonate", new { reason = "short" })).ShouldBeRefused(400, "invalid-request", "/reason");
        (await staff.Api.Post("/api/accounts/acc_01M7Y40N37J6FNPYS4GAQYTKN5/impersonate", new { reason = Reason })).ShouldBeRefused(404, "not-found");
    }
}
