namespace CustomerFunctions.Tests.Members;

public sealed class UnassignSalesRepTests
{
    [Fact]
    public async Task From_the_next_request_on_the_customer_is_gone_for_the_sales_rep()
    {
        await using var app = await App.StartWithoutSchedules();
        var rep = await Person.Staff(app, "sales_rep");
        await rep.SetUpSecondFactor();
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        (await app.Admin.Put($"{path}/sales-reps/{await rep.Id()}", "{}")).ShouldBe(201);
        (await rep.Api.Get(path)).ShouldBe(200);

        (await app.Admin.Delete($"{path}/sales-reps/{await rep.Id()}")).ShouldBe(204);

        (await rep.Api.Get(path)).ShouldBeRefused(404, "not-found");
        (await app.Admin.Delete($"{path}/sales-reps/{await rep.Id()}")).ShouldBe(204);
    }
}
