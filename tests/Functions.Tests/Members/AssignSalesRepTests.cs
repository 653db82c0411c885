namespace CustomerFunctions.Tests.Members;

public sealed class AssignSalesRepTests
{
    [Fact]
    public async Task A_sales_rep_sees_the_customers_assigned_to_it_and_no_others()
    {
        await using var app = await App.StartWithoutSchedules();
        var rep = await Person.Staff(app, "sales_rep");
        await rep.SetUpSecondFactor();
        var (assigned, other) = ((string)(await app.CreateCustomer())["id"]!, (string)(await app.CreateCustomer())["id"]!);

        (await app.Admin.Put($"/api/customers/{assigned}/sales-reps/{await rep.Id()}", "{}")).ShouldBe(201);

        (await rep.Api.Get($"/api/customers/{assigned}")).ShouldBe(200);
        (await rep.Api.Get($"/api/customers/{other}")).ShouldBeRefused(404, "not-found");
        (await rep.Api.Get("/api/customers")).ShouldBe(200)["value"]!.AsArray().Select(customer => (string)customer!["id"]!).Should().Equal(assigned);
        (await rep.Api.Delete($"/api/customers/{assigned}", "*")).ShouldBeRefused(403, "forbidden");
    }

    [Fact]
    public async Task Only_a_sales_rep_is_assigned()
    {
        var app = await App.Shared;
        var person = await Person.SignedUp(app);
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}/sales-reps";
        (await app.Admin.Put($"{path}/{await person.Id()}", "{}")).ShouldBeRefused(409, "not-a-sales-rep");
        (await app.Admin.Put($"{path}/acc_01M7Y40N37J6FNPYS4GAQYTKN5", "{}")).ShouldBeRefused(404, "not-found");
    }

    [Fact]
    public async Task A_sales_rep_sees_the_customer_that_it_has_created()
    {
        var app = await App.Shared;
        var rep = await Person.Staff(app, "sales_rep");
        await rep.SetUpSecondFactor();

        var created = (await rep.Api.Post("/api/customers", new { name = "Ada Lovelace", email = App.NewEmail() })).ShouldBe(201);

        (await rep.Api.Get($"/api/customers/{created["id"]}")).ShouldBe(200).ETag.Should().Be(created.ETag, "it is one write");
        ((string?)created["emailProof"]!["by"]).Should().Be("staff");
        var reps = (await rep.Api.Get($"/api/customers/{created["id"]}/sales-reps")).ShouldBe(200)["value"]!.AsArray().Single()!;
        ((string?)reps["accountId"], (string?)reps["name"], (string?)reps["email"]).Should().Be((await rep.Id(), "Grace Hopper", rep.Email));
    }
}
