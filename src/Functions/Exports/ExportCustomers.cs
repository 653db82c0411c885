using CustomerFunctions.Access;
using System.Buffers;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Exports;

/// <summary>Exports what the list with the same filters and order gives, all pages of it, as JSON lines or CSV.</summary>
internal static class ExportCustomers
{
    private static readonly string[] Parameters = ["format", .. CustomerFilter.Parameters];

    private static readonly string[] Columns =
    [
        "id", "name", "slug", "email", "displayName", "companyName", "phone", "status", "holds", "plan", "subscriptionStatus", "trialStatus", "trialEndsAt", "createdAt", "updatedAt", "deletedAt",
    ];

    /// <param name="format">jsonl (the default) or csv.</param>
    /// <param name="status">active, suspended or closed; closed ones are only exported when asked for.</param>
    /// <param name="plan">A plan's id.</param>
    /// <param name="q">Beginnings of words of the name, company, email or slug; all must be there.</param>
    /// <param name="orderby"><c>createdAt</c> (the default) or <c>name</c>, with <c> asc</c> or <c> desc</c> behind it.</param>
    public static Results<StreamedAnswer<Stored<Customer>>, Problem> Handle(
        string? format, string? status, string? plan, string? q, string? orderby, Caller caller, CustomerStore store, HttpRequest request, CancellationToken cancellation)
    {
        var checks = new Checks();
        checks.Parameters(request, Parameters);
        if (format is not (null or "" or "jsonl" or "csv")) { checks.Add("?format", "unknown-value", "Expected jsonl or csv."); }
        var filter = CustomerFilter.Read(status, plan, q, orderby, caller, checks);
        if (checks.Refusal is { } refusal) { return refusal; }

        var customers = Pages.Each(from => store.ListAcrossCustomers(filter, Paging.MaxSize, from, cancellation), cancellation);
        return format == "csv"
            ? new StreamedAnswer<Stored<Customer>>(Csv.ContentType + "; charset=utf-8; header=present", "customers.csv", customers, WriteCsv) { Head = Csv.Line(Columns) }
            : new StreamedAnswer<Stored<Customer>>(JsonLines.ContentType, "customers.jsonl", customers, WriteJson);
    }

    private static void WriteJson(IBufferWriter<byte> output, Stored<Customer> customer) => JsonLines.Write(output, CustomerResponse.From(customer), ApiJson.Default.CustomerResponse);

    private static void WriteCsv(IBufferWriter<byte> output, Stored<Customer> stored)
    {
        var (customer, fields) = (stored.Value, stored.Value.Fields);
        output.Write(Csv.Line(
            customer.Id, customer.Name, customer.Slug, customer.Email, fields.DisplayName, fields.CompanyName, fields.Phone, Name(customer.Status), string.Join(' ', customer.Holds.Select(Name)),
            customer.Plan, Name(customer.Subscription.Status), Name(customer.Trial.Status), Instant(customer.Trial.EndsAt), Instant(customer.CreatedAt), Instant(customer.UpdatedAt), Instant(customer.DeletedAt)));
    }

    private static string? Instant(DateTimeOffset? instant) => instant is { } at ? InstantConverter.Text(at) : null;

    /// <summary>As JSON has it.</summary>
    private static string Name<T>(T value)
        where T : struct, Enum => System.Text.Json.JsonSerializer.Serialize(value, ApiJson.Default.Options.GetTypeInfo(typeof(T))).Trim('"');
}
