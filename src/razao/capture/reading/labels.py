"""The vocabulary of printed labels in pt, es, en, fr, de, it and nl; a line of words in, the labels on it out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from razao.capture.reading.dates import plain
from razao.capture.reading.layout import Run


class Label(StrEnum):
    NUMBER = "number"
    DATE = "date"
    DUE = "due"
    OTHER_DATE = "other_date"
    OTHER_NUMBER = "other_number"
    NET = "net"
    VAT = "vat"
    GROSS = "gross"
    PAYABLE = "payable"
    WITHHOLDING = "withholding"
    PAID = "paid"
    CHANGE = "change"
    DISCOUNT = "discount"
    OTHER_AMOUNT = "other_amount"
    TAX_ID = "tax_id"
    BUYER = "buyer"
    SELLER = "seller"
    ATCUD = "atcud"
    RATE = "rate"
    BASE = "base"
    REFERENCE = "reference"
    CURRENCY = "currency"
    STAMP_DUTY = "stamp_duty"
    NAME = "name"


#: phrases as tokens (see ``token``); the number after '=' is how strongly the phrase speaks, 1–9 (5 when left out).
#: 'no' stands for every way of writing "number": n.º, n°, nr, num, #.
VOCABULARY: dict[Label, str] = {
    Label.NUMBER: """
        fatura no=8; factura no=8; no fatura=8; no da fatura=8; no de fatura=8; no factura=8; no da factura=8; fatura/recibo no=8;
        faturarecibo no=8; fatura simplificada no=8; fatura recibo no=8; nota de credito no=8; nota de debito no=8;
        nota credito no=8; nota debito no=8; documento no=7; no documento=7; no do documento=7; no de documento=7; doc no=6;
        no doc=6; nodoc=6; doc=3; documento=3; no documento=7; recibo no=5; fatura=3; factura=3; fatura simplificada=3; faturarecibo=3; fatura/recibo=3; nota de credito=3; nota de debito=3;
        no de factura=8; factura simplificada no=8; no factura=8; factura electronica no=7; factura rectificativa no=8; factura rectificativa=4; avoir no=8; documento=3; serie y no=6; serie/no=6; no serie=4;
        invoice no=8; invoice id=7; invoice number=8; inv no=8; inv=4; invoice=4; invoice ref=5; bill no=7; tax invoice no=8; tax invoice=3; no invoice=7;
        receipt no=6; rcpt no=6; document no=6; document number=6; voucher no=4; credit note no=8; credit note=3; bill to no=1; cash bill no=6; slip no=5; trans no=3; transaction no=3; check no=3; ticket no=4; ref no=3; reference no=3;
        facture no=8; no facture=8; no de facture=8; no de la facture=8; facture=4; avoir no=7; avoir=3; piece no=5;
        rechnung no=8; rechnungsnummer=8; rechnungskorrektur no=8; storno no=6; rechnungs no=8; rechnung=4; belegnummer=6; beleg no=6; gutschrift=4; gutschrift no=7; gutschriftsnummer=8; no rechnung=6;
        fattura no=8; no fattura=8; fattura=3; numero documento=6; factuurnummer=8; factuur no=8; factuurno=8; factuur=3; no=2;
        contract/revision=7; contract revision=7; contract rev=7; contract no=6; contract=4; order/rev=6; order rev=6; order revision=6; order/revision=6; kassenbon no=5; quittung no=6; contract/order no=6; estimate no=1; faktura vat nr=8; faktura no=8""",
    Label.OTHER_NUMBER: """
        order no=6; order number=6; order id=6; order=4; alt order no=7; po no=6; p/o no=6; po number=6; purchase order=6; purchase order no=6; customer no=6; customer id=6; customer number=6; cliente no=6; no cliente=6; no de cliente=6; client no=6; no client=6; cod cliente=6; codigo cliente=6; codigo=3; kundennummer=6; codice cliente=8; cod cliente=8; no de client=8; no de socio=6; socio no=6; klantnummer=6; ordernummer=6; encomenda no=6; no encomenda=6; requisicao=5; requisicao no=6; v/ref=5; v/requisicao=5; sua referencia=5; your ref=5; vossa referencia=5; pedido no=6; no pedido=6; deal no=5; estimate=5; estimate no=6; account no=6; account number=6; conta no=5; dossier no=5; no de dossier=6; no dossier=6; bestellnummer=6; auftragsnummer=6; lieferscheinnummer=6; lieferschein no=6; project no=4; projekt no=4; tel=5; telefone=5; telephone=5; phone=5; fax=5; telemovel=5; contrato no=5; no contrato=5; guia no=5; guia de remessa no=7; albaran no=6; albaran=5; iban=8; nib=8; bic=8; swift=8; swift/bic=8; bic/swift=8; bank account no=8; bank account=7; account name=5; entidade=5; referencia=3; reference=2; certificado no=7; processado por programa certificado no=9; processado por programa certificado=8; alvara no=6; capital social=8; crc=6; matricula=4; matriculada=4; reg no=5; company reg no=6; company no=5; roc no=6; co reg no=6; registration no=5; siret=7; siren=7; rcs=6; rsc=6; kvk=7; hrb=6; handelsregister=6; naf=5; ape=5; table no=5; table=4; cashier=5; terminal=4; pos no=4; counter=4; pax no=5; member no=5; postal code=4; cp=3; agency code=6; advertiser code=6; agency ref=6; advertiser ref=6; product=4; page=4; pagina=4; seite=4; line=3; revision=2; hst no=3; license no=5; bestelnummer=6; debiteurnummer=6; telefon=5; telefoon=5; tlf=5; tfno=5; telf=5; telemovel no=5""",
    Label.DATE: """
        data=5; data de emissao=9; data emissao=9; data da fatura=9; data da factura=8; data fatura=8; data documento=8; data do documento=8; data doc=7; emitido em=6; emitida em=6; emissao=5; data/hora=5; data e hora=5; data hora=5;
        invoice date=9; date of issue=9; issue date=9; issued on=7; date issued=9; date=5; bill date=8; inv date=9; document date=8; doc date=8; inv dt=7; bill dt=6; bizdate=6; tax date=5; dated=5; date/time=5; receipt date=7; invoiced on=7; transaction date=5; trans date=5; tax point=4;
        fecha=5; fecha de emision=9; fecha emision=9; fecha factura=9; fecha de factura=9; fecha de la factura=9; fecha de expedicion=8; fecha expedicion=8;
        date de facture=9; date de la facture=9; date facture=9; date d'emission=9; date emission=9; emise le=6; date de facturation=8; facture du=6; le=2; fait le=4; en date du=5;
        rechnungsdatum=9; datum=5; belegdatum=8; ausstellungsdatum=8; vom=2; data fattura=9; data emissione=9; data di emissione=9; data documento=8; del=2; factuurdatum=9; original date/revision=4; original date=3; contract date=6; date/revision=3; data wystawienia=8""",
    Label.DUE: """
        vencimento=8; data de vencimento=9; data vencimento=9; data venc=8; venc=6; pagar ate=8; pagamento ate=8; data limite de pagamento=9; data limite pagamento=9; limite de pagamento=8; pagavel ate=8; a pagar ate=8; vence em=8; prazo de vencimento=6;
        due date=9; payment due=8; payment due date=9; due on=7; due by=7; due=5; pay by=7; date due=8; payment date=4; payable by=7; total amount due on=3;
        fecha de vencimiento=9; fecha vencimiento=9; vencimiento=8; vto=6; fecha vto=7; fecha de pago=5;
        date d'echeance=9; date echeance=9; echeance=8; echeance le=8; echeance le paiement=8; a payer avant le=8; date limite de paiement=9; a regler avant le=8; payable le=6; date de prelevement=5; preleve le=5;
        fallig am=8; faellig am=8; fallig bis=8; zahlbar bis=8; falligkeitsdatum=9; faelligkeitsdatum=9; falligkeit=8; zahlungsziel=6; scadenza=8; data scadenza=9; data di scadenza=9; vervaldag=8; vervaldatum=9; uiterste betaaldatum=8; termin platnosci=8""",
    Label.OTHER_DATE: """
        order date=8; orderdatum=8; print date=8; delivery date=8; disposicao do adquirente=9; disposicao do adquirente nesta data=9; disposicao do adquirente na data do documento=9; disposicao na data de emissao=9; disposicao na data=8; ship date=7; data de entrega=7; data entrega=7; data carga=7; data descarga=7; data de carga=7; data de descarga=7; data encomenda=7; fecha de pedido=7; fecha entrega=7; fecha de operacion=6; date de livraison=7; date de commande=7; lieferdatum=8; liefer datum=8; leistungsdatum=8; leistungszeitraum=8; bestelldatum=8; leverdatum=8; service period=8; billing period=8; invoice period=8; invoice month=8; flight dates=8; order flight=8; flight=6; contract dates=8; period=6; periodo=6; periodo de faturacao=8; periode=6; zeitraum=6; date of birth=8; data de nascimento=8; date of supply=5; supply date=6; valid until=7; valido ate=7; validade=7; check in=6; check out=6; contract period=7; gen date=8; run date=7; printed=5; impresso em=8; print=4; data de impressao=8; start date=6; end date=6; data valor=5; data inicio=6; data fim=6; data do servico=6; service date=6; data pagamento=6; payment received=6; air date=7; generated=6; billing calendar=5""",
    Label.NET: """
        total liquido=6; total iliquido=8; total sem iva=9; total s/ iva=9; total s/iva=9; valor sem iva=8; valor liquido=5; subtotal=5; sub total=5; subtotal sem iva=9; total base=6; total incidencia=8; total de incidencia=8; total mercadoria=6; total mercadoria/servicos=6; total mercadorias=6; total antes de impostos=8; total bruto=2; total dos artigos=5; base tributavel=6; total tributavel=7; total base tributavel=8; valor tributavel=6; total antes de iva=9; montante liquido=6; iliquido=6; liquido=4; valor iliquido=7; total iliquidos=7; soma=4;
        total net=7; net total=5; net amount=6; net=4; total excl vat=9; total ex vat=9; total excluding vat=9; total excl tax=9; total before tax=9; subtotal excl vat=9; amount excl vat=8; total excluding gst=9; total sales excluding gst=9; total excl gst=9; taxable amount=6; taxable total=6; total taxable=7; sub total excl gst=9; total excluding tax=9; amount before tax=8; total without vat=9; net amount due=2; total (excluding gst)=9;
        base imponible=7; total base imponible=8; importe neto=7; neto=5; total neto=6; subtotal sin iva=9; total sin iva=9; base=3; suma=4; importe bruto=3; total bruto=2;
        total ht=9; montant ht=8; total hors taxes=9; total hors taxe=9; net ht=8; sous total=6; soustotal=6; sous total ht=8; total net ht=9; base ht=6; total h t=9; total general ht=9;
        nettobetrag=8; netto=6; summe netto=8; gesamt netto=8; zwischensumme=6; nettosumme=8; warenwert=5; gesamtbetrag netto=9; netto gesamt=8; summe=3; imponibile=7; totale imponibile=9; totale netto=7; subtotaal=4; subtotale=5; totale parziale=5; soustotal ht=8; exclusief btw=9; totaal excl btw=9; totaal exclusief btw=9; excl btw=8; bedrag excl btw=8; total exclusief btw=9; wartosc netto=7; totaal exclusief=8""",
    Label.VAT: """
        iva=6; total iva=9; total de iva=9; total do iva=9; valor iva=7; valor do iva=8; valor de iva=8; montante iva=7; montante de iva=7; imposto=5; total imposto=7; total de imposto=7; total impostos=8; total de impostos=8; impostos=5; valor imposto=6; valor do imposto=6; iva incluido=6; iva a taxa=6; total iva incluido=6;
        vat=6; total vat=9; vat total=8; vat amount=8; tax=5; sales tax=7; total tax=8; tax total=7; tax amount=7; gst=6; total gst=9; gst amount=8; gst payable=7; gst included=6; sst=5; service tax=5; igst=5; cgst=4; sgst=4; hst=4; state tax=4; add vat=6; add gst=7; gst @=6; total gst amount=9;
        cuota=5; cuota iva=8; importe iva=8; total cuota=7; total cuota iva=9; iva total=8;
        tva=6; total tva=9; montant tva=9; tva totale=8; montant de la tva=9; total de la tva=9; dont tva=6;
        mwst=6; ust=6; umsatzsteuer=6; mehrwertsteuer=6; zzgl mwst=7; zzgl ust=7; enthaltene mwst=6; mwstbetrag=7; steuerbetrag=7; imposta=6; totale iva=9; totale imposta=8; btw=6; totaal btw=9; btw bedrag=8; total btw=9; vat tax=4; steuer=4; inkl mwst=4; ustbetrag=6; mwst betrag=7; podatek vat=6; ptu=4""",
    Label.GROSS: """
        total=6; valor total da nota=9; valor total da nota fiscal=9; total documento=9; total do documento=9; total da fatura=9; total fatura=9; total da factura=9; total factura=9; total geral=8; valor total=7; total com iva=9; total c/ iva=9; total c/iva=9; total eur=8; total (eur)=8; total eur c/iva=9; total euros=8; total iva incluido=8; valor=2; montante total=7; total incluindo iva=9; total final=8; importancia=3; total do recibo=7; total nota de credito=9; total faturado=8;
        grand total=9; invoice total=9; total amount=7; total due=8; amount due=8; total amount due=9; due=4; total amt payable=9; total amt=7; total amt incl gst=9; total tunai=5; jumlah=6; total incl vat=9; total inc vat=9; total including vat=9; total incl tax=9; gross total=9; gross amount=6; gross=4; total for this invoice=8; total price=5; order total=6; amount=1; total sales inclusive of gst=9; total inclusive of gst=9; total incl gst=9; total including gst=9; total inclusive gst=9; total sales inclusive gst=9; total (inclusive of gst)=9; total sales=5; total rounded=9; rounded total=9; total round=8; nett total=8; nett=5; net total=6; round total=8; total rm=9; total (rm)=9; total payable=9; total amount payable=9; amount due rm=8; total due rm=8; total sales incl gst=9; total incl gst rm=9; net amount due=3; total nett=7; jumlah besar=8; total amount incl gst=9; total after disc=7; total after discount=7; bill amount=7; total amount rm=8; total amount due rm=9; grand total rm=9; sub total incl gst=5; total sales rm=7; net total rm=7; total rounded amount=9; total w gst=8; total gst incl=8; nett amt=7; total inclusive=8; gross total rm=8; total sales (inclusive of gst)=9; total sales (inclusive gst)=9; total (rm) incl gst=9; amount payable=7; total bill=7; bill total=7; final total=9; total w/tax=7; balance=3; total after rounding=9; total inc gst=9; total with tax=9; total (gst incl)=9; total incl of gst=9; total charge=5; total contract=7; total order=6; contract total=7; totals=6; total net amount=3; gross invoice=6; total inclusive sst=9; total cost=5;
        importe total=9; total general=9; total a facturar=8; total importe=8; total con iva=9; total factura eur=9;
        total ttc=9; montant ttc=9; net a payer=8; total general ttc=9; montant total=8; montante ttc=8; ttc=7; a payer=6; montant total ttc=9; total a payer ttc=9; total facture=9; somme a payer=8; prix ttc=6; total net ttc=9;
        gesamtbetrag=9; bruttobetrag=8; rechnungsbetrag=9; gesamtsumme=9; brutto=5; endbetrag=9; gesamt brutto=9; summe brutto=9; gesamt=6; gesamtbetrag brutto=9; rechnungssumme=9; endsumme=9; zu zahlender betrag=9; zu zahlen=8; totale=7; totale fattura=9; totale documento=9; totale da pagare=9; totale complessivo=9; totaal=7; totaal incl btw=9; totaal inclusief btw=9; te betalen=8; totaalbedrag=9; totaal te betalen=9; inclusief btw=8; razem=5; do zaplaty=8; wartosc brutto=7; total inr=8; total usd=8""",
    Label.PAYABLE: """
        total a pagar=9; a pagar=7; valor a pagar=9; liquido a pagar=9; total liquido a pagar=9; total a liquidar=8; montante a pagar=9; valor a liquidar=8; a liquidar=6; a receber=6; total a receber=7; valor a receber=9; importancia a receber=8; a receber=7;
        balance due=8; amount due=8; total amount due=9; total due=8; amount to pay=8; please pay=8; total to pay=8; net payable=8; pay this amount=8; amount owing=7; balance to pay=8; outstanding=4; net amount payable=8; total due now=8; net due=8;
        total a pagar eur=9; liquido a percibir=8; liquido=4; importe a pagar=8; restant du=7; reste a payer=7; net a payer=8; zahlbetrag=9; offener betrag=7; netto a pagare=8""",
    Label.WITHHOLDING: """
        retencao=6; ret na fonte=9; ret fonte=8; ret=4; ret irs=8; ret irc=8; retencao na fonte=9; retencao irs=9; retencao de irs=9; retencao irc=9; retencao irs/irc=9; irs=6; irc=4; ret fonte=8; retencoes=7; valor retido=8; total retencao=9; imposto retido=8; retencao na fonte irs=9; retencao fonte=9;
        retencion=8; retencion irpf=9; irpf=8; retenciones=7; withholding tax=8; withholding=8; retenue a la source=8; ritenuta d'acconto=8; ritenuta=7; total retencion=9""",
    Label.PAID: """
        cash=6; pay=4; numerario=6; dinheiro=6; pago=4; entregue=5; valor entregue=6; tendered=6; amount tendered=7; cash tendered=7; paid=5; amount paid=7; total paid=6; payment=4; cash received=6; received=4; efectivo=5; entregado=5; recu=4; especes=5; visa=5; mastercard=5; multibanco=5; mb=3; cartao=4; credit card=5; debit card=5; card=4; deposit=4; prepaid=5; adiantamento=5; anticipo=4; acompte=4; anzahlung=4; bereits gezahlt=5; advance=5; bank card=5; credit=3; tunai=4; amex=5; gegeben=5; bar=3; contant=4; cash rm=6; ideal=4; paypal=4; less advance=5; rembours=4""",
    Label.CHANGE: "change=7; change cash=8; cash change=8; troco=8; change due=8; cambio=6; rendu=5; monnaie=4; ruckgeld=6; zuruck=4; wisselgeld=6; baki=5; balance change=7; cash change=7; resto=3",
    Label.DISCOUNT: "desconto=6; descontos=6; total descontos=7; total de descontos=7; desconto comercial=7; desconto financeiro=7; discount=6; total discount=7; discounts=6; descuento=6; dto=5; remise=6; rabatt=6; skonto=6; sconto=6; korting=6; desc=3; total disc=6; disc=4; less discount=6",
    Label.OTHER_AMOUNT: """
        rounding=7; valor total dos produtos=9; valor do frete=8; valor do seguro=8; base de calc do icms=9; base de calculo do icms=9; valor do icms=9; valor do ipi=9; base de calc icms st=9; valor do icms st=9; retencao de garantia=9; retencao garantia=9; garantia=5; caucao=6; caucao/garantia=9; retencao contratual=8; reforco de caucao=8; rounding adj=8; rounding adjustment=8; round adj=8; arredondamento=7; service charge=7; svc chg=6; svc charge=6; serv charge=7; svc=5; portes=6; portes de envio=7; shipping=6; freight=6; delivery=3; gorjeta=6; tip=6; gratuity=6; previous unpaid balance=9; previous balance=8; saldo anterior=8; balance forward=8; ancien solde=8; unit price=6; preco unitario=6; preco=4; price=5; precio=5; precio unitario=6; p unit=6; prix unitaire=6; pu ht=6; einzelpreis=6; qty=5; quantidade=5; qtd=5; total qty=9; total quantity=9; total item=8; total items=8; total no of items=9; item count=8; total points=8; points=5; saldo=5; capital=5; total saved=8; you saved=8; savings=6; saving=5; total savings=8; agency commission=8; commission=6; rate=3; credits=4; charges=3; no of items=7; total spots=8; spots=5; total units=8; units=4; number of spots=8; peso=4; total peso=8; volumes=4; total volumes=8; ecovalor=5; exchange rate=6; cambio=4; verzugskosten=5; afschrijvingskosten=6; suggested tip=9; tips=5; total discount=8; total qty/item=8""",
    Label.TAX_ID: """
        nif=8; nipc=8; pessoa coletiva no=8; pessoa colectiva no=8; pessoa coletiva=7; cont=4; contrib no=8; v no contrib=8; v/ no contrib=8; v/no contrib=8; nif pt=8; nifiva=8; nif iva=8; no contrib=8; no fiscal de contribuinte=8; vat pt=6; n contribuinte=7; contribuinte=7; contribuinte no=8; no contribuinte=8; no de contribuinte=8; contrib no=8; cont no=6; contr no=6; nif/nipc=8; nipc/nif=8; nif no=8; nif fornecedor=8; nif emitente=8; seu contribuinte=7; v/contribuinte=8; v/no contribuinte=8; nif cliente=8; nif adquirente=8; nif comprador=8; id fiscal=7; no fiscal=6; iva no=5; no de identificacao fiscal=8; numero de identificacao fiscal=8; identificacao fiscal=7; nif/cif=8; cif/nif=8; cif=7; clf=7; nlf=7; nie=5; kundenustid=8; ihre ustid=8; kunden ustid=8; customer vat=6; customer vat no=9; client vat no=9; tva client=8; no tva client=8; nif/vat=8; vat/nif=8; nuit=8; nit=6; cnpj=8; cpf=6; nif/tax id=8; no id fiscal=8;
        vat no=8; vat number=8; vat id=8; vat reg no=9; vat reg=7; vat registration no=9; vat registration number=9; vat registration=7; vat id no=9; tax id=8; tax id no=8; tax no=6; tax reg no=7; gst id=8; gst ld=8; gst 1d=8; gst lo no=6; gst ld no=8; gst no=8; gst reg no=8; gst id no=8; gst reg=7; gst registration no=8; gst reg/no=7; gstin=8; gstin no=8; gstin/uin=8; vat/tin=8; tin=6; tin no=7; ein=6; abn=6; eori=2; service tax no=3; tax reg id=7; sst id=7; sst no=7; sst reg no=7; sst id no=7; tax registration no=8; tax registration number=8; gst #=8;
        ustidnr=9; ustidnr kunde=9; ustid=8; ust idno=9; ust id no=9; ust id=8; ustidno=9; umsatzsteuer id=8; umsatzsteueridentifikationsnummer=9; usid no=7; usid nr=7; steuernummer=4; steuer no=4; st no=4; mwst no=7; uid=5; uid no=6;
        tva intra=8; tva intracom=8; tva intracommunautaire=9; no tva=9; no tva intracommunautaire=9; no de tva=9; numero tva=9; tva no=8; tva intracommunautaire no=9; no tva intracom=9; n/id cee=6; id cee=7; no id cee=8;
        partita iva=9; p iva=9; piva=8; cf=3; codice fiscale=7; c f=3; btw nummer=8; btwnummer=8; btw no=8; btw id=8; btwid=8; btwidnummer=8; btw=3; nip=7; vat=2; gst=2; tva=2""",
    Label.BUYER: """
        exmo sr=8; exmo senhor=8; exmos srs=9; exmos senhores=9; exmo(s) senhor(es)=9; exmo(s) sr(s)=9; exmos(as) srs(as)=9; exma sra=8; exmo(a) sr(a)=9; exmos(s) senhores(es)=8; cliente=7; dados do cliente=9; dados docliente=9; an=3; adquirente dos bens ou servicos=9; adquirente dos bens=9; nome do cliente=9; adquirente=9; comprador=8; destinatario=8; faturar a=8; faturado a=8; facturado a=8; facturar a=8; dados cliente=9; nome cliente=9; exmos=7; entidade adquirente=8; morada de faturacao=7; endereco de faturacao=7;
        bill to=9; billed to=9; bill to address=9; billing address=8; sold to=9; invoice to=9; invoiced to=9; invoice address=8; customer=7; customer name=9; client=7; client name=9; buyer=9; to=4; attention to=4; advertiser=9; buyer name=6; company name=2; customer details=8; deliver to=4; ship to=5; shipping address=5; delivery address=5; service address=4; sold to party=8; recipient=7; bill to party=9; billing details=7; prepared for=6; customer info=8; customer information=8;
        datos del cliente=9; datos cliente=9; receptor=7; comprador=8;  nombre del cliente=9; facturado a=8; senores=5;
        facture a=7; adresse de facturation=8; destinataire=8; facturer a=8; adresse facturation=8; client facture=8; adresse de livraison=4; livre a=4; nom du client=9; adresse a=5;
        rechnungsempfanger=9; rechnung an=8; kunde=7; kaufer=8; kaufer/leistungsempfanger=8; leistungsempfanger=7; rechnungsadresse=8; lieferadresse=4; empfanger=6; destinatario=8; spett le=8; spettle=8; intestatario=7; factuuradres=8; klant=7; factuur aan=8; afleveradres=4; debiteur=4; nabywca=9; cessionario=8""",
    Label.SELLER: """
        fornecedor=8; transmitente dos bens ou prestador dos servicos=9; transmitente dos bens=9; emitente=9; emissor=8; vendedor=6; prestador=7; prestador de servicos=8; dados do emitente=9; dados do fornecedor=9; vendido por=8; nome do emitente=9;
        seller=9; vendor=8; supplier=9; sold by=9; from=5; remit to=7; send payment to=7; remit address=7; remit payment to=7; payable to=6; supplier name=9; vendor name=9; merchant=6; service provider=7; make cheques payable to=7; pay to=6; please remit to=7; issued by=7; property=3; station=3; account name=6; please remit payment to=7; remittance address=7; make checks payable to=7; please make checks payable to=7;
        proveedor=8; emisor=9; datos del emisor=9; datos emisor=9; vendeur=8; fournisseur=8; emetteur=8; prestataire=7; verkaufer=8; lieferant=8; rechnungssteller=9; cedente=8; fornitore=8; leverancier=8; verkoper=7; sprzedawca=9; titulaire du compte=7; beneficiary=6; kontoinhaber=6""",
    Label.ATCUD: "atcud=9",
    Label.RATE: "taxa=6; taxa iva=8; taxa de iva=8; taxa %=7; iva %=7; % iva=8; %iva=8; iva%=7; tipo=3; tipo iva=7; tax rate=7; vat rate=8; taux=6; taux tva=8; tva %=7; mwst satz=8; steuersatz=8; aliquota=7; aliquota iva=8; btw %=7; vat %=7; tax %=6; tax(%)=6; rate %=5; %=3; btw tarief=7; gst %=6; tx=2; cod iva=4; ust satz=7; ust %=7; mwst %=7; tax code=3",
    Label.BASE: "incidencia=8; base=5; base de incidencia=9; base incidencia=9; valor incidencia=8; base tributavel=7; valor tributavel=6; montante tributavel=7; base iva=8; base imponible=7; base ht=7; base hors taxe=7; imponibile=7; steuerbasis=7; nettobetrag=5; grundlage=5; taxable=5; taxable amount=6; vat base=8; net=3; valor base=6; incid=6; base imposable=7; goods=3; netto=4; maatstaf=6; tax base=7; amount(rm)=2; wartosc netto=5",
    Label.REFERENCE: "anula/retifica=9; retifica=6; ref a fatura=9; ref fatura=9; referencia a fatura=9; referente a fatura=9; documento relacionado=8; doc relacionado=8; factura que se rectifica=9; facture de reference=8; ref rechnung=8; zu rechnung=8; ursprungsbelegnummer=8; ursprungsrechnung=9; avoir sur facture=9; rechnungsbezug=8; bezug=4; bezugsrechnung=8; credit for invoice=8; original invoice no=9; against invoice=8; fattura originale=8; fattura di riferimento=8; fatura n/ref=6; documento que rectifica=9; referente a=6; relativo a fatura=8; relativo a=5; ref fatura=7; documento de origem=8; doc origem=8; fatura de origem=9; fatura original=8; fatura retificada=9; documento retificado=9; original invoice=8; invoice reference=4; refers to invoice=8; factura rectificada=9; factura original=8; facture d'origine=8; retifica=6; anula=4",
    Label.STAMP_DUTY: "imposto do selo=9; imposto selo=9; imposto de selo=9; imp selo=9; imp do selo=9; selo=5; is=2; stamp duty=8",
    Label.NAME: "nome=7; nome razao social=9; nome/razao social=9; nome/designacao social=8; nome designacao social=8; designacao social=8; denominacao social=8; denominacao=6; firma=5; razon social=7; nombre=6; nombre/razon social=8; nombre razon social=8; name=5; nome/firma=7",
    Label.CURRENCY: "moeda=8; currency=8; moneda=8; devise=8; wahrung=8; valuta=7; divisa=7",
}  # fmt: skip

NUMBER_WORDS = frozenset(
    {
        "n",
        "no",
        "nr",
        "num",
        "numero",
        "number",
        "nro",
        "nbr",
        "#",
        "nummer",
        "n°",
        "nº",
        "nos",
        "num°",
        "n9",
        "no9",
    }
)
_DROP = re.compile(r"[.:;,*\"'`´’“”|_\[\]{}!?<>=~^\-–—]")


@dataclass(frozen=True)
class Hit:
    """A label found on a line: which, how strongly its words speak for it, and where it stands."""

    label: Label
    weight: int
    run: Run
    line: int
    first: int
    last: int
    """words ``first`` up to, without, ``last`` of the line"""


@lru_cache(maxsize=1 << 16)
def token(text: str) -> str:
    """A word as the vocabulary writes it: plain letters, no punctuation, every number sign as 'no'."""
    cleaned = _DROP.sub("", plain(text).replace("№", "no"))
    if sum(c.isalpha() for c in cleaned) >= 2:
        cleaned = cleaned.replace("0", "o").replace("1", "l").replace("5", "s")
    if cleaned in NUMBER_WORDS:
        return "no"
    if cleaned.startswith(("n°", "nº")):  # OCR glues the sign to the word after it
        cleaned = "no" + cleaned[2:]
    if len(cleaned) > 4 and cleaned.endswith("nr"):
        return cleaned[:-2] + "nummer"
    return cleaned if any(c.isalnum() or c == "%" for c in cleaned) else ""


def labels_of(line: Run, segments: Sequence[Run], index: int) -> Iterator[Hit]:
    """The labels of a line, each with the weight that its place leaves it: words of a sentence are no labels."""
    start = 0
    for segment in segments:
        found = list(labels_on(segment, index))
        covered = {at for hit in found for at in range(hit.first, hit.last)}
        prose = PROSE if len(segment.words) > SENTENCE else 0
        for hit in found:
            before = segment.words[hit.first - 1].text if hit.first else ":"
            apart = before[-1] in APART
            loose = not apart and hit.first - 1 not in covered
            weight = hit.weight - (LOOSE if loose else 0) - (0 if apart and hit.first else prose)
            if weight > 0:
                yield replace(hit, weight=weight, first=hit.first + start, last=hit.last + start)
        start += len(segment.words)


APART = ":|-–/)·•●"
"""what may stand between a label and the words before it"""
LOOSE = 3
"""points that a label loses when another word leads up to it"""
PROSE = 5
"""points that a label loses in a sentence"""
SENTENCE = 9
"""words from which on a segment is a sentence"""


GLUED = 7
"""letters from which on a phrase is also known without its spaces, as OCR often prints it"""


def _phrases() -> dict[str, list[tuple[tuple[str, ...], Label, int]]]:
    out: dict[str, list[tuple[tuple[str, ...], Label, int]]] = {}
    for label, text in VOCABULARY.items():
        for entry in text.split(";"):
            phrase, _, weight = entry.strip().partition("=")
            tokens = tuple(token(part) for part in phrase.split())
            glued = "".join(tokens)
            long = len(glued) >= (5 if tokens[:1] == ("no",) else GLUED)
            forms = [tokens, (glued,)] if len(tokens) > 1 and long else [tokens]
            for form in forms if tokens else ():
                out.setdefault(form[0], []).append((form, label, int(weight or 5)))
    for entries in out.values():
        entries.sort(key=lambda e: -len(e[0]))
    return out


PHRASES = _phrases()


def labels_on(line: Run, index: int) -> Iterator[Hit]:
    """The labels of a line; at each place the longest phrase, which may carry several meanings."""
    words = [(token(w.text), at) for at, w in enumerate(line.words)]
    words = [(t, at) for t, at in words if t]
    position = 0
    while position < len(words):
        length = 0
        for tokens, label, weight in PHRASES.get(words[position][0], ()):
            if length and len(tokens) < length:
                break
            if tuple(t for t, _ in words[position : position + len(tokens)]) == tokens:
                length = len(tokens)
                first, last = words[position][1], words[position + length - 1][1] + 1
                yield Hit(label, weight, line.part(first, last), index, first, last)
        position += max(length, 1)
